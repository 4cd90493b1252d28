package dev.quintet.platform.people;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UCharacterEnums.ECharacterCategory;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.text.IDNA;
import com.ibm.icu.text.Normalizer2;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One mail address in its canonical form, in which it is stored, compared and written on the wire.
 *
 * <p>The domain is in A-labels (UTS #46, nontransitional), so that {@code bücher.example} and
 * {@code xn--bcher-kva.example} are one. The local part is mapped as a username of RFC 8265 section
 * 3.3: full-width letters become plain ones, the text is NFC, other compatibility characters and
 * all that cannot be seen are refused. Letters of different scripts that look alike stay apart.
 *
 * <p>Two addresses are equal when they differ in nothing but case.
 */
public final class EmailAddress {

    // RFC 5321 section 4.5.3.1; a path has its two brackets around the address.
    private static final int LONGEST_LOCAL = 64;
    private static final int LONGEST = 254;

    // What is longer than any escape of 254 octets is not looked at further.
    private static final int LONGEST_TYPED = 1_000;

    // RFC 5321 section 4.1.2 (Dot-string) with RFC 6531 section 3.3: what is not ASCII is an atext.
    private static final String ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-\\x{80}-\\x{10FFFF}]+";
    private static final Pattern DOT_STRING = Pattern.compile(ATEXT + "(?:\\." + ATEXT + ")*");

    private static final Normalizer2 NFC = Normalizer2.getNFCInstance();
    private static final Normalizer2 NFKC = Normalizer2.getNFKCInstance();
    private static final IDNA TO_ASCII =
            IDNA.getUTS46Instance(
                    IDNA.NONTRANSITIONAL_TO_ASCII
                            | IDNA.USE_STD3_RULES
                            | IDNA.CHECK_BIDI
                            | IDNA.CHECK_CONTEXTJ);

    /** What became of a text that should be an address. */
    public sealed interface Read {

        record Good(EmailAddress address) implements Read {}

        /**
         * @param why a clause for the sentence of a refusal, without the text itself
         */
        record Bad(String why) implements Read {}
    }

    /** How the address is written to an SMTP server. */
    public sealed interface Wire {

        record Ready(String address) implements Wire {}

        /** The server cannot take it: a failure for good, as long as the server stays as it is. */
        record NeedsSmtpUtf8(String why) implements Wire {}
    }

    /** Not an address; its message is why. */
    private static final class NotOne extends Exception {

        private static final long serialVersionUID = 1;

        NotOne(String why) {
            super(why, null, false, false);
        }
    }

    private final String local;
    private final String domain;

    private EmailAddress(String local, String domain) {
        this.local = local;
        this.domain = domain;
    }

    /** Reads what a person typed or a program sent, without space around it. */
    public static Read read(String typed) {
        try {
            return new Read.Good(parse(typed));
        } catch (NotOne refused) {
            return new Read.Bad(String.valueOf(refused.getMessage()));
        }
    }

    public static Optional<EmailAddress> of(String typed) {
        return switch (read(typed)) {
            case Read.Good(EmailAddress address) -> Optional.of(address);
            case Read.Bad _ -> Optional.empty();
        };
    }

    /** As typed in all that matters to the mailbox's owner, also its case. */
    public String text() {
        return local + "@" + domain;
    }

    /** The same for all ways to type this address: in lower case. */
    public String key() {
        return NFC.normalize(local.toLowerCase(Locale.ROOT)) + "@" + domain;
    }

    /**
     * The address for an envelope.
     *
     * @param smtpUtf8 whether the server offers SMTPUTF8 (RFC 6531)
     */
    public Wire wire(boolean smtpUtf8) {
        boolean ascii = local.chars().allMatch(c -> c < 0x80);
        return ascii || smtpUtf8
                ? new Wire.Ready(text())
                : new Wire.NeedsSmtpUtf8(
                        "the part before the @ is not ASCII, and the mail server does not offer SMTPUTF8");
    }

    private static EmailAddress parse(String typed) throws NotOne {
        if (typed.length() > LONGEST_TYPED) {
            throw new NotOne("it is longer than " + LONGEST + " octets");
        }
        String text = NFC.normalize(plainWidth(typed));
        int at = text.lastIndexOf('@');
        if (at < 0) {
            throw new NotOne("it has no @");
        }
        String local = local(text.substring(0, at));
        String domain = domain(text.substring(at + 1));
        if (local.getBytes(StandardCharsets.UTF_8).length + 1 + domain.length() > LONGEST) {
            throw new NotOne("it is longer than " + LONGEST + " octets");
        }
        return new EmailAddress(local, domain);
    }

    /** Full-width and half-width forms become what they are forms of (RFC 8265 section 3.3.1). */
    private static String plainWidth(String typed) {
        StringBuilder plain = new StringBuilder(typed.length());
        typed.codePoints()
                .forEach(c -> {
                    int type = UCharacter.getIntPropertyValue(c, UProperty.DECOMPOSITION_TYPE);
                    if (type == UCharacter.DecompositionType.WIDE
                            || type == UCharacter.DecompositionType.NARROW) {
                        plain.append(NFKC.normalize(Character.toString(c)));
                    } else {
                        plain.appendCodePoint(c);
                    }
                });
        return plain.toString();
    }

    private static String local(String local) throws NotOne {
        if (local.isEmpty()) {
            throw new NotOne("nothing stands before the @");
        }
        if (local.startsWith("\"")) {
            throw new NotOne("a quoted part before the @ is not supported");
        }
        refuseUnseen(local, false);
        if (!NFKC.isNormalized(local)) {
            throw new NotOne(
                    "it has a character that stands for another one: " + name(compatible(local)));
        }
        if (!DOT_STRING.matcher(local).matches()) {
            throw new NotOne(
                    "before the @ stand letters, digits, !#$%&'*+/=?^_`{|}~- and single dots between them");
        }
        if (UCharacter.getCombiningClass(local.codePointAt(0)) != 0) {
            throw new NotOne("it begins with a mark that belongs on a letter");
        }
        if (local.getBytes(StandardCharsets.UTF_8).length > LONGEST_LOCAL) {
            throw new NotOne("more than " + LONGEST_LOCAL + " octets stand before the @");
        }
        return local;
    }

    private static int compatible(String text) {
        return text.codePoints()
                .filter(c -> !NFKC.isNormalized(Character.toString(c)))
                .findFirst()
                .orElseGet(() -> text.codePointAt(0));
    }

    private static String domain(String domain) throws NotOne {
        if (domain.startsWith("[")) {
            throw new NotOne("a number in brackets behind the @ is not supported");
        }
        // A joiner is a letter of some words of Persian and of Indic languages; UTS #46 knows
        // where.
        refuseUnseen(domain, true);
        StringBuilder ascii = new StringBuilder();
        IDNA.Info info = new IDNA.Info();
        TO_ASCII.nameToASCII(domain, ascii, info);
        if (info.hasErrors()) {
            throw new NotOne("what stands behind the @ is not a domain: " + reasons(info));
        }
        String labels = ascii.toString();
        if (labels.endsWith(".")) {
            throw new NotOne("what stands behind the @ is not a domain: it ends with a dot");
        }
        return labels;
    }

    private static String reasons(IDNA.Info info) {
        return String.join(
                ", ",
                info.getErrors().stream()
                        .map(error -> error.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                        .sorted()
                        .toList());
    }

    /** Controls, format and private characters, and what Unicode says to draw as nothing. */
    private static void refuseUnseen(String text, boolean joinersStay) throws NotOne {
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            at += Character.charCount(c);
            boolean joiner = c == 0x200C || c == 0x200D;
            boolean unseen =
                    switch (UCharacter.getType(c)) {
                        case ECharacterCategory.CONTROL,
                                ECharacterCategory.FORMAT,
                                ECharacterCategory.PRIVATE_USE,
                                ECharacterCategory.SURROGATE,
                                ECharacterCategory.UNASSIGNED,
                                ECharacterCategory.SPACE_SEPARATOR,
                                ECharacterCategory.LINE_SEPARATOR,
                                ECharacterCategory.PARAGRAPH_SEPARATOR ->
                                true;
                        default ->
                                UCharacter.hasBinaryProperty(
                                        c, UProperty.DEFAULT_IGNORABLE_CODE_POINT);
                    };
            if (unseen && !(joiner && joinersStay)) {
                throw new NotOne("it has a character that cannot be seen: " + name(c));
            }
        }
    }

    private static String name(int c) {
        return "U+%04X".formatted(c);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EmailAddress that && key().equals(that.key());
    }

    @Override
    public int hashCode() {
        return key().hashCode();
    }

    @Override
    public String toString() {
        return text();
    }
}
