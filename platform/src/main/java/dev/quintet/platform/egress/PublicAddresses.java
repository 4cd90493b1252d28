package dev.quintet.platform.egress;

import dev.quintet.platform.Cidr;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses a request may go to: those that the whole internet can reach (IANA's
 * special-purpose registries, RFC 6890), and those that the operator allows.
 */
final class PublicAddresses {

    private static final List<Cidr> SPECIAL =
            Stream.of(
                            "0.0.0.0/8", // this network
                            "10.0.0.0/8", // private
                            "100.64.0.0/10", // carrier-grade NAT
                            "127.0.0.0/8", // loopback
                            "169.254.0.0/16", // link-local; clouds keep credentials at .169.254
                            "172.16.0.0/12", // private
                            "192.0.0.0/24", // protocol assignments
                            "192.0.2.0/24", // documentation
                            "192.88.99.0/24", // 6to4 relays, retired
                            "192.168.0.0/16", // private
                            "198.18.0.0/15", // benchmarks
                            "198.51.100.0/24", // documentation
                            "203.0.113.0/24", // documentation
                            "224.0.0.0/4", // multicast
                            "240.0.0.0/4", // reserved, broadcast
                            "2001::/23", // protocol assignments, Teredo
                            "2001:db8::/32", // documentation
                            "2002::/16", // 6to4: carries an IPv4 address
                            "3fff::/20") // documentation
                    .map(Cidr::parse)
                    .toList();

    /** All of IPv6 that is routed at all; what is outside (::1, fc00::, fe80::, ff00::) is not. */
    private static final Cidr GLOBAL_UNICAST = Cidr.parse("2000::/3");

    private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");

    private final List<Cidr> allowed;

    PublicAddresses(List<Cidr> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    boolean permit(InetAddress address) {
        InetAddress meant = behindNat64(address);
        return allowed.stream().anyMatch(range -> range.contains(meant)) || isPublic(meant);
    }

    private static boolean isPublic(InetAddress address) {
        return (address instanceof Inet4Address || GLOBAL_UNICAST.contains(address))
                && SPECIAL.stream().noneMatch(range -> range.contains(address));
    }

    /** RFC 6052: the last four bytes are the IPv4 address that a translator would connect to. */
    private static InetAddress behindNat64(InetAddress address) {
        if (!NAT64.contains(address)) {
            return address;
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(address.getAddress(), 12, 16));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("four bytes are an IPv4 address", impossible);
        }
    }
}
