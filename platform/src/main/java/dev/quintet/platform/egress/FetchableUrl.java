package dev.quintet.platform.egress;

import static dev.quintet.platform.egress.EgressRefusal.URL_NOT_FETCHABLE;
import static dev.quintet.platform.egress.EgressRefusal.URL_PORT_REFUSED;

import java.net.URI;
import java.util.Locale;
import java.util.Set;

/** What an address must look like before anything is sent to it. */
final class FetchableUrl {

    private static final int LONGEST = 2_048;
    private static final int FIRST_UNPRIVILEGED_PORT = 1_024;

    /** Ports above 1023 where text sent as HTTP could be taken for commands (Fetch, "bad port"). */
    private static final Set<Integer> OTHER_SERVICES =
            Set.of(
                    1433, 1521, 1719, 1720, 1723, 2049, 2181, 2375, 2379, 3306, 3389, 3659, 4045,
                    4190, 5060, 5061, 5432, 5672, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668,
                    6669, 6679, 6697, 9092, 10080, 11211, 27017);

    private FetchableUrl() {}

    static void require(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw refused(url, "only http and https are spoken");
        }
        if (url.getRawUserInfo() != null) {
            throw refused(url, "it holds a user name or password; send those in a header");
        }
        if (url.getHost() == null || url.getHost().isEmpty()) {
            throw refused(url, "it has no valid host; write other alphabets in punycode (xn--...)");
        }
        if (url.toString().length() > LONGEST) {
            throw refused(url, "it is longer than " + LONGEST + " characters");
        }
        int port = url.getPort();
        boolean web = port == -1 || port == 80 || port == 443;
        boolean free =
                port >= FIRST_UNPRIVILEGED_PORT && port <= 65_535 && !OTHER_SERVICES.contains(port);
        if (!web && !free) {
            throw URL_PORT_REFUSED.because(port);
        }
    }

    /** Shows the host only: path, query and user part may be secrets. */
    private static dev.quintet.platform.Refused refused(URI url, String reason) {
        return URL_NOT_FETCHABLE.because(
                url.getHost() == null ? "the address" : url.getHost(), reason);
    }
}
