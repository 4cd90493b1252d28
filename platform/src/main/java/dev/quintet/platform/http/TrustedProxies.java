package dev.quintet.platform.http;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Which peers may speak for others: tells a client's address from {@code X-Forwarded-For}, read
 * from the right as long as the speaker is trusted.
 */
final class TrustedProxies {

    /**
     * The addresses whose first bits are those of a network; the number's own size tells IPv4 from
     * IPv6.
     */
    private record Range(BigInteger network, int size, int bits) {

        boolean holds(byte[] address) {
            return address.length == size && prefix(address, bits).equals(network);
        }

        static BigInteger prefix(byte[] address, int bits) {
            return new BigInteger(1, address).shiftRight(address.length * 8 - bits);
        }
    }

    private final List<Range> ranges;

    TrustedProxies(List<String> texts) {
        ranges = texts.stream().map(TrustedProxies::range).toList();
    }

    boolean trusts(String address) {
        if (ranges.isEmpty() || !literal(address)) {
            return false;
        }
        byte[] bytes = bytes(address);
        return ranges.stream().anyMatch(range -> range.holds(bytes));
    }

    /** The nearest address in the chain that no trusted proxy vouches beyond. */
    String client(String peer, List<String> forwarded) {
        String client = peer;
        List<String> chain =
                forwarded.stream()
                        .flatMap(line -> List.of(line.split(",", -1)).stream())
                        .map(String::strip)
                        .toList();
        for (int at = chain.size() - 1; at >= 0 && trusts(client); at--) {
            if (!literal(chain.get(at))) {
                break;
            }
            client = chain.get(at);
        }
        return client;
    }

    private static Range range(String text) {
        int border = text.indexOf('/');
        String address = border < 0 ? text : text.substring(0, border);
        if (!literal(address)) {
            throw new IllegalArgumentException(
                    "http.trustedProxies: '" + text + "' is not an address or a CIDR range");
        }
        byte[] bytes = bytes(address);
        int bits = border < 0 ? bytes.length * 8 : Integer.parseInt(text.substring(border + 1));
        if (bits < 0 || bits > bytes.length * 8) {
            throw new IllegalArgumentException(
                    "http.trustedProxies: '" + text + "' has a prefix length out of bounds");
        }
        return new Range(Range.prefix(bytes, bits), bytes.length, bits);
    }

    /** Only literals, so that no name is ever looked up. */
    private static boolean literal(String address) {
        return address.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")
                || (address.contains(":") && address.matches("[0-9A-Fa-f:.]{2,45}"));
    }

    private static byte[] bytes(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            return new byte[0];
        }
    }
}
