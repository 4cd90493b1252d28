package dev.quintet.platform.people;

import static dev.quintet.platform.people.PeopleRefusal.INVALID_PROFILE;

import dev.quintet.platform.Texts;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.IllformedLocaleException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How to address a person, as far as anybody said.
 *
 * @param email as {@link EmailAddress} has it, if it was written since there is one
 * @param phone E.164, e.g. {@code +4930123456}
 * @param locale BCP 47, e.g. {@code de-CH}
 * @param zone IANA, e.g. {@code Europe/Zurich}
 */
public record Profile(
        Optional<String> name,
        Optional<String> email,
        Optional<String> phone,
        Optional<String> locale,
        Optional<String> zone) {

    public static final Profile EMPTY =
            new Profile(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    // What earlier versions stored; what is written now goes through EmailAddress.
    private static final Pattern EMAIL =
            Pattern.compile("[^@\\s\\p{Cntrl}<>,;\"]{1,64}@[^@\\s\\p{Cntrl}<>,;\"]{1,189}");
    private static final Pattern PHONE = Pattern.compile("\\+[1-9]\\d{6,14}");
    private static final int LONGEST_NAME = 200;

    public Profile {
        name.filter(text -> !isName(text))
                .ifPresent(text -> refuse("name", "write 1 to 200 characters without line breaks"));
        email.filter(text -> !EMAIL.matcher(text).matches())
                .ifPresent(text -> refuse("email", "write one address like ada@example.org"));
        phone.filter(text -> !PHONE.matcher(text).matches())
                .ifPresent(text -> refuse("phone", "write it in E.164, like +4930123456"));
        locale.filter(text -> !isLocale(text))
                .ifPresent(text -> refuse("locale", "write a BCP 47 tag like de-CH"));
        zone.filter(text -> !isZone(text))
                .ifPresent(text -> refuse("zone", "write an IANA zone like Europe/Zurich"));
    }

    /** Of what somebody wrote: the address in its canonical form. */
    public static Profile written(
            Optional<String> name,
            Optional<String> email,
            Optional<String> phone,
            Optional<String> locale,
            Optional<String> zone) {
        return new Profile(name, email.map(Profile::canonical), phone, locale, zone);
    }

    private static String canonical(String email) {
        return switch (EmailAddress.read(email)) {
            case EmailAddress.Read.Good(EmailAddress address) -> address.text();
            case EmailAddress.Read.Bad(String why) ->
                    throw INVALID_PROFILE
                            .because("email", why + "; write one address like ada@example.org")
                            .with("field", "email");
        };
    }

    /** Of what somebody else says, the parts that are well formed. */
    public static Profile ofValid(
            Optional<String> name,
            Optional<String> email,
            Optional<String> locale,
            Optional<String> zone) {
        return new Profile(
                name.filter(Profile::isName),
                email.flatMap(EmailAddress::of).map(EmailAddress::text),
                Optional.empty(),
                locale.filter(Profile::isLocale),
                zone.filter(Profile::isZone));
    }

    private static void refuse(String field, String how) {
        throw INVALID_PROFILE.because(field, how).with("field", field);
    }

    private static boolean isName(String text) {
        return !Texts.showsNothing(text)
                && text.length() <= LONGEST_NAME
                && text.chars().noneMatch(Character::isISOControl);
    }

    private static boolean isLocale(String tag) {
        try {
            return !new Locale.Builder().setLanguageTag(tag).build().getLanguage().isEmpty();
        } catch (IllformedLocaleException notOne) {
            return false;
        }
    }

    private static boolean isZone(String zone) {
        try {
            return !ZoneId.of(zone).getId().isEmpty();
        } catch (DateTimeException notOne) {
            return false;
        }
    }
}
