package dev.quintet.analytics;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose pages may send a source events: exact origins as browsers write them (RFC 6454 section
 * 6.2), or one {@code *} for all. Whoever sends without one (a server, an app) is no page.
 */
public record AllowedOrigins(List<String> origins) {

    private static final String ALL = "*";

    /** All pages, as a source has it until told otherwise. */
    public static final AllowedOrigins ALL_PAGES = new AllowedOrigins(List.of(ALL));

    /** Each node holds those of all sources in memory. */
    static final int MOST = 32;

    // A host name has 253 characters at most, and a scheme and a port come to it.
    private static final int LONGEST = 280;

    // Schemes of apps and extensions too: capacitor://localhost, chrome-extension://abc.
    private static final Pattern ORIGIN =
            Pattern.compile(
                    "([a-z][a-z0-9+.-]*)://([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\\[[0-9a-f:.]+])(:[1-9][0-9]{0,4})?");

    public AllowedOrigins {
        origins = List.copyOf(new LinkedHashSet<>(origins));
        if (origins.size() > MOST) {
            throw AnalyticsRefusal.ORIGINS_TOO_MANY.because(MOST, origins.size());
        }
        for (String origin : origins) {
            if (!origin.equals(ALL)) {
                check(origin);
            } else if (origins.size() > 1) {
                throw invalid(origin, "it stands for every page, so it stands alone");
            }
        }
    }

    private static void check(String origin) {
        if (origin.length() > LONGEST) {
            throw invalid(origin, "it is longer than " + LONGEST + " characters");
        }
        if (origin.chars().anyMatch(Character::isUpperCase)) {
            throw invalid(origin, "browsers send it in lower case");
        }
        if (origin.endsWith("/")) {
            throw invalid(origin, "leave out the slash at its end");
        }
        Matcher parts = ORIGIN.matcher(origin);
        if (!parts.matches()) {
            throw invalid(
                    origin,
                    "write scheme://host or scheme://host:port, without a path, names as xn--");
        }
        String port = parts.group(4) == null ? "" : parts.group(4).substring(1);
        if (!port.isEmpty() && Integer.parseInt(port) > 65_535) {
            throw invalid(origin, "there is no port " + port);
        }
        String scheme = parts.group(1);
        if ((scheme.equals("http") && port.equals("80"))
                || (scheme.equals("https") && port.equals("443"))) {
            throw invalid(origin, "browsers leave out the port that is the scheme's own");
        }
    }

    private static RuntimeException invalid(String origin, String why) {
        return AnalyticsRefusal.ORIGIN_INVALID.because(shown(origin), why);
    }

    private static String shown(String origin) {
        return origin.length() > 100 ? origin.substring(0, 100) : origin;
    }

    /** Refuses a page of another origin. */
    public void require(Optional<String> origin) {
        if (origin.isPresent() && !origins.contains(ALL) && !origins.contains(origin.get())) {
            throw AnalyticsRefusal.ORIGIN_NOT_ALLOWED.because(shown(origin.get()));
        }
    }
}
