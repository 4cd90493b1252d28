package dev.quintet.platform.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns one text into one value of a setting's type. */
final class Values {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,15})\\s*(ms|s|m|h|d)");

    private Values() {}

    /** A text that is no such value, with the valid ones when they can be listed. */
    static final class NotA extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;
        private final transient List<String> valid;

        NotA(String message, List<String> valid) {
            super(message);
            this.valid = valid;
        }

        List<String> valid() {
            return valid;
        }
    }

    static Object parse(Class<?> type, String text) {
        if (type == String.class) {
            return text;
        }
        if (type == Secret.class) {
            return new Secret(text);
        }
        if (type == int.class || type == Integer.class) {
            return Math.toIntExact(whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
        if (type == long.class || type == Long.class) {
            return whole(text, Long.MIN_VALUE, Long.MAX_VALUE);
        }
        if (type == boolean.class || type == Boolean.class) {
            return truth(text);
        }
        if (type == Duration.class) {
            return duration(text);
        }
        if (type == URI.class) {
            return uri(text);
        }
        if (type == Path.class) {
            return Path.of(text);
        }
        return type.isEnum() ? constant(type, text) : byItsOwnParse(type, text);
    }

    private static long whole(String text, long least, long greatest) {
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= greatest) {
                return value;
            }
        } catch (NumberFormatException notOne) {
            // the same sentence as for one that does not fit
        }
        throw new NotA("'" + text + "' is not a whole number", List.of());
    }

    private static boolean truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new NotA("'" + text + "' is not true or false", List.of("true", "false"));
        };
    }

    private static Duration duration(String text) {
        Matcher match = DURATION.matcher(text);
        try {
            if (!match.matches()) {
                return Duration.parse(text);
            }
            long count = Long.parseLong(match.group(1));
            return switch (match.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
        } catch (DateTimeParseException | ArithmeticException notOne) {
            throw new NotA(
                    "'" + text + "' is not a duration; write 300ms, 30s, 5m, 2h or 7d", List.of());
        }
    }

    private static URI uri(String text) {
        try {
            URI uri = URI.create(text);
            if (uri.isAbsolute()) {
                return uri;
            }
        } catch (IllegalArgumentException notOne) {
            // the same sentence as for a relative one; the text may hold a password
        }
        throw new NotA("this is not an absolute address such as https://example.org", List.of());
    }

    private static Object constant(Class<?> type, String text) {
        List<String> words = words(type);
        int at = words.indexOf(text.toLowerCase(Locale.ROOT));
        if (at < 0) {
            throw new NotA("'" + text + "' is not one of " + String.join(", ", words), words);
        }
        return type.getEnumConstants()[at];
    }

    /** An enum's constants as they are written: {@code PLAIN_TEXT} is {@code plain-text}. */
    static List<String> words(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant ->
                        ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
    }

    private static Object byItsOwnParse(Class<?> type, String text) {
        try {
            return ownParse(type).invoke(null, text);
        } catch (InvocationTargetException refused) {
            if (refused.getCause() instanceof IllegalArgumentException reason) {
                throw new NotA(String.valueOf(reason.getMessage()), List.of());
            }
            throw new IllegalStateException(type + ".parse failed on a text", refused);
        } catch (IllegalAccessException hidden) {
            throw new IllegalStateException(type + ".parse is not public", hidden);
        }
    }

    private static Method ownParse(Class<?> type) {
        try {
            Method parse = type.getMethod("parse", String.class);
            if (Modifier.isStatic(parse.getModifiers())) {
                return parse;
            }
        } catch (NoSuchMethodException missing) {
            // the same sentence as for one that is not static
        }
        throw new IllegalStateException(type + " is no type of a setting: no static parse(String)");
    }
}
