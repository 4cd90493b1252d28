package dev.quintet.platform.people;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EmailAddressTest {

    private static EmailAddress address(String typed) {
        return switch (EmailAddress.read(typed)) {
            case EmailAddress.Read.Good(EmailAddress good) -> good;
            case EmailAddress.Read.Bad(String why) ->
                    throw new AssertionError("'" + typed + "' was refused: " + why);
        };
    }

    private static String why(String typed) {
        return switch (EmailAddress.read(typed)) {
            case EmailAddress.Read.Bad(String why) -> why;
            case EmailAddress.Read.Good(EmailAddress good) ->
                    throw new AssertionError("'" + typed + "' was taken as " + good);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "Ada@Example.COM, ada@example.com",
        "jose\u0301@example.com, jos\u00e9@example.com",
        "JOSE\u0301@example.com, jos\u00e9@example.com",
        "\uff4aose@example.com, jose@example.com",
        "\uff4a\uff4f\uff53\uff45\uff20\uff45\uff58\uff0e\uff43\uff4f\uff4d, jose@ex.com",
        "quac\u212a@example.com, quack@example.com",
        "\uff76\uff9e@example.com, \u30ac@example.com",
        "a@b\u00fccher.example, a@xn--bcher-kva.example",
        "a@bu\u0308cher.example, a@xn--bcher-kva.example",
        "a@B\u00dcCHER.example, a@XN--BCHER-KVA.example",
        "a@b\u00fccher\u3002example, a@xn--bcher-kva.example",
        "stra\u1e9ee@example.com, stra\u00dfe@example.com",
        "a@fa\u00df.example, a@xn--fa-hia.example"
    })
    void two_ways_to_type_one_address_are_one(String one, String other) {
        assertThat(address(one)).isEqualTo(address(other));
        assertThat(address(one).key()).isEqualTo(address(other).key());
    }

    @ParameterizedTest
    @CsvSource({
        "jose@example.com, jos\u00e9@example.com",
        "jose@example.com, j\u043ese@example.com",
        "strasse@example.com, stra\u00dfe@example.com",
        "a@fass.example, a@fa\u00df.example",
        "a+b@example.com, a@example.com"
    })
    void two_mailboxes_stay_two_people(String one, String other) {
        assertThat(address(one)).isNotEqualTo(address(other));
    }

    @ParameterizedTest
    @CsvSource({
        "jo\u200bse@example.com, cannot be seen: U+200B",
        "jo\u200dse@example.com, cannot be seen: U+200D",
        "jo\u00adse@example.com, cannot be seen: U+00AD",
        "jose@exa\u00admple.com, cannot be seen: U+00AD",
        "jose@exa\u200bmple.com, cannot be seen: U+200B",
        "\u202ejose@example.com, cannot be seen: U+202E",
        "jose\u3164@example.com, cannot be seen",
        "jo\ue000se@example.com, cannot be seen: U+E000",
        "jo\u0378se@example.com, cannot be seen: U+0378",
        "jo\ud800se@example.com, cannot be seen: U+D800",
        "'jo se@example.com', cannot be seen: U+0020",
        "\ufb01sh@example.com, stands for another one: U+FB01",
        "\u0301a@example.com, begins with a mark",
        "nobody, has no @",
        "@example.com, nothing stands before the @",
        "a@b@example.com, before the @ stand",
        "a..b@example.com, single dots",
        ".a@example.com, single dots",
        "a., has no @",
        "a<b@example.com, before the @ stand",
        "\uff02a\uff02@example.com, quoted",
        "a@, not a domain",
        "a@example..com, not a domain: empty label",
        "a@example.com., not a domain",
        "a@-example.com, not a domain: leading hyphen",
        "a@exa_mple.com, not a domain: disallowed",
        "a@xn--a, not a domain",
        "a@[127.0.0.1], brackets"
    })
    void what_is_no_address_is_refused_with_the_reason(String typed, String why) {
        assertThat(why(typed)).contains(why);
    }

    @Test
    void a_line_end_or_a_null_never_gets_into_an_envelope() {
        for (int c = 0; c < 0x20; c++) {
            assertThat(why("a" + (char) c + "b@example.com")).contains("cannot be seen");
            assertThat(why("a@exa" + (char) c + "mple.com")).contains("cannot be seen");
            assertThat(why("a@example.com" + (char) c)).contains("cannot be seen");
        }
    }

    @Test
    void the_limits_of_rfc_5321_count_octets() {
        assertThat(address("a".repeat(64) + "@example.com").text()).hasSize(76);
        assertThat(why("a".repeat(65) + "@example.com")).contains("64 octets");
        assertThat(why("\u00e9".repeat(33) + "@example.com")).contains("64 octets");
        assertThat(why("a@" + "b".repeat(64) + ".com")).contains("label too long");
        assertThat(why("a@" + "b1.".repeat(90) + "com")).contains("domain name too long");
        String domain = ("c".repeat(62) + ".").repeat(3) + "com";
        assertThat(why("a".repeat(64) + "@" + domain)).contains("254 octets");
        assertThat(why("a".repeat(2_000_000) + "@example.com")).contains("254 octets");
    }

    @Test
    void a_word_of_persian_keeps_the_joiner_in_its_domain() {
        assertThat(address("a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example").text())
                .isEqualTo("a@xn--mgba3gch31f060k.example");
        assertThat(why("a@exa\u200cmple.com")).contains("contextj");
    }

    @Test
    void a_local_part_beyond_ascii_goes_only_to_servers_that_take_it() {
        EmailAddress jose = address("Jos\u00e9@b\u00fccher.example");
        assertThat(jose.wire(true))
                .isEqualTo(new EmailAddress.Wire.Ready("Jos\u00e9@xn--bcher-kva.example"));
        assertThat(jose.wire(false)).isInstanceOf(EmailAddress.Wire.NeedsSmtpUtf8.class);
        assertThat(address("Ada@b\u00fccher.example").wire(false))
                .isEqualTo(new EmailAddress.Wire.Ready("Ada@xn--bcher-kva.example"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatever_is_taken_is_taken_again_as_itself(long seed) {
        Random random = new Random(seed);
        String pool =
                "aZ0.-+_@\u00e9\u0301\u00df\u1e9e\u0130\u0131\u03a3\u03c2\u200d\uff41\ufb01\u212a\u0416\u4e2d\u05d0\u1100\uac00";
        int taken = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder typed = new StringBuilder();
            for (int at = random.nextInt(1, 6); at > 0; at--) {
                typed.append(pool.charAt(random.nextInt(pool.length())));
            }
            typed.append("@x").append(pool.charAt(random.nextInt(pool.length()))).append(".com");
            var read = EmailAddress.of(typed.toString());
            if (read.isPresent()) {
                taken++;
                EmailAddress good = read.get();
                assertThat(address(good.text()).text()).as("%s", typed).isEqualTo(good.text());
                assertThat(address(good.key()).key()).as("%s", typed).isEqualTo(good.key());
                assertThat(good.text().substring(good.text().lastIndexOf('@')))
                        .matches("[@a-z0-9.-]+");
            }
        }
        assertThat(taken).isGreaterThan(1_000);
    }
}
