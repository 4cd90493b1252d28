package dev.quintet.platform.http;

import dev.quintet.platform.Cidr;
import inet.ipaddr.IPAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which proxies speak for their clients, and what they say: the client's address and whether it
 * spoke https. Nothing is ever looked up by name.
 */
final class TrustedProxies {

    /** Who asked the outermost trusted proxy, and whether by https. */
    record Client(String address, boolean https) {}

    private final List<Cidr> ranges;
    private final HttpConfig.ForwardedHeader header;

    TrustedProxies(List<String> texts, HttpConfig.ForwardedHeader header) {
        this.ranges = texts.stream().map(Cidr::parse).toList();
        this.header = header;
    }

    /**
     * @param peer the address at the other end of the connection
     * @param https whether that connection is
     * @param headers by lower-case name
     */
    Client client(String peer, boolean https, Map<String, List<String>> headers) {
        if (!trusts(peer)) {
            return new Client(peer, https);
        }
        return switch (header) {
            case X_FORWARDED_FOR -> {
                boolean outside =
                        headers.getOrDefault("x-forwarded-proto", List.of()).stream()
                                .anyMatch("https"::equalsIgnoreCase);
                yield nearest(
                        peer,
                        elements(headers.getOrDefault("x-forwarded-for", List.of())).stream()
                                .map(address -> new Client(address, outside))
                                .toList(),
                        outside);
            }
            case FORWARDED ->
                    nearest(
                            peer,
                            elements(headers.getOrDefault("forwarded", List.of())).stream()
                                    .map(TrustedProxies::forwarded)
                                    .toList(),
                            false);
        };
    }

    boolean trusts(String address) {
        return !ranges.isEmpty()
                && Cidr.address(address)
                        .filter(known -> ranges.stream().anyMatch(range -> range.contains(known)))
                        .isPresent();
    }

    /** The nearest hop that no trusted proxy vouches beyond; hops come outermost first. */
    private Client nearest(String peer, List<Client> hops, boolean https) {
        Client nearest = new Client(peer, https);
        for (int at = hops.size() - 1; at >= 0 && trusts(nearest.address); at--) {
            Optional<String> address = withoutPort(hops.get(at).address);
            if (address.isEmpty()) {
                break;
            }
            nearest = new Client(address.get(), hops.get(at).https);
        }
        return nearest;
    }

    private static List<String> elements(List<String> lines) {
        List<String> elements = new ArrayList<>();
        for (String line : lines) {
            for (String element : line.split(",", -1)) {
                elements.add(element.strip());
            }
        }
        return elements;
    }

    /** One hop: {@code for="[2001:db8::1]:443";proto=https} (RFC 7239 section 4). */
    private static Client forwarded(String element) {
        String address = "";
        boolean https = false;
        for (String pair : element.split(";", -1)) {
            int border = pair.indexOf('=');
            String name = pair.substring(0, Math.max(0, border)).strip().toLowerCase(Locale.ROOT);
            String value = pair.substring(border + 1).strip();
            if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
                value = value.substring(1, value.length() - 1);
            }
            switch (name) {
                case "for" -> address = value;
                case "proto" -> https = value.equalsIgnoreCase("https");
                default -> {
                    // by= and host= say nothing of the client
                }
            }
        }
        return new Client(address, https);
    }

    /**
     * An address with or without a port; with one, IPv6 stands in brackets (RFC 7239 section 6).
     */
    private static Optional<String> withoutPort(String text) {
        String address = text;
        if (text.startsWith("[")) {
            address = text.substring(1, Math.max(1, text.indexOf(']')));
        } else if (text.indexOf(':') == text.lastIndexOf(':')) {
            address = text.split(":", 2)[0];
        }
        return Cidr.address(address).map(TrustedProxies::unmapped);
    }

    /** An IPv4 address in IPv6's clothes is itself: all of them would be one network of IPv6. */
    private static String unmapped(IPAddress address) {
        boolean mapped = address.isIPv6() && address.toIPv6().isIPv4Mapped();
        return (mapped ? address.toIPv6().getEmbeddedIPv4Address() : address).toCanonicalString();
    }
}
