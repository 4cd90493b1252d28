package dev.quintet.platform.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** A range of addresses, e.g. {@code 10.0.0.0/8} or {@code fc00::/7}; a bare address is itself. */
public record Cidr(InetAddress network, int bits) {

    // Literals only: a name here would ask DNS.
    private static final Pattern LITERAL =
            Pattern.compile(
                    "(\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(/(\\d{1,3}))?");

    public Cidr {
        if (bits < 0 || bits > network.getAddress().length * 8) {
            throw new IllegalArgumentException(bits + " is no prefix length of " + network);
        }
    }

    public static Cidr parse(String text) {
        var match = LITERAL.matcher(text.strip());
        if (match.matches()) {
            try {
                InetAddress network = InetAddress.getByName(match.group(1));
                String bits = match.group(4);
                return new Cidr(
                        network,
                        bits == null ? network.getAddress().length * 8 : Integer.parseInt(bits));
            } catch (UnknownHostException notOne) {
                // the same sentence as for any other text
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' is not an address range; write 10.0.0.0/8 or fc00::/7");
    }

    public boolean contains(InetAddress address) {
        byte[] range = network.getAddress();
        byte[] given = address.getAddress();
        if (range.length != given.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit += 8) {
            int mask = bits - bit >= 8 ? 0xFF : 0xFF << (8 - (bits - bit));
            if (((range[bit / 8] ^ given[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + bits;
    }
}
