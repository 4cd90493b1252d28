package dev.quintet.platform;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import java.net.InetAddress;
import java.util.Optional;

/** A range of addresses, e.g. {@code 10.0.0.0/8} or {@code fc00::/7}; a bare address is itself. */
public record Cidr(IPAddress range) {

    // What people write, and nothing of what inet_aton also took: octal, hexadecimal, missing
    // parts.
    private static final IPAddressStringParameters STRICT =
            new IPAddressStringParameters.Builder()
                    .allowEmpty(false)
                    .allowAll(false)
                    .allowMask(false)
                    .allowSingleSegment(false)
                    .allowWildcardedSeparator(false)
                    .setRangeOptions(RangeParameters.NO_RANGE)
                    .getIPv4AddressParametersBuilder()
                    .allow_inet_aton(false)
                    .allowLeadingZeros(false)
                    .getParentBuilder()
                    .getIPv6AddressParametersBuilder()
                    .allowZone(false)
                    .getParentBuilder()
                    .toParams();

    public static Cidr parse(String text) {
        try {
            return new Cidr(new IPAddressString(text.strip(), STRICT).toAddress().toPrefixBlock());
        } catch (AddressStringException notOne) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not an address range; write 10.0.0.0/8 or fc00::/7", notOne);
        }
    }

    /** The address that a text is; a name is none and is never looked up. */
    public static Optional<IPAddress> address(String text) {
        IPAddressString given = new IPAddressString(text, STRICT);
        return given.isPrefixed() ? Optional.empty() : Optional.ofNullable(given.getAddress());
    }

    public boolean contains(InetAddress address) {
        return contains(new IPAddressGenerator().from(address));
    }

    public boolean contains(IPAddress address) {
        return range.contains(address);
    }

    @Override
    public String toString() {
        return range.toCanonicalString();
    }
}
