package dev.quintet.platform.caller;

import java.util.Optional;
import java.util.UUID;

/** Counts requests before their handlers run. */
@FunctionalInterface
public interface Limiter {

    Limiter NONE = (caller, address) -> {};

    /**
     * @param address the client's, after trusted proxies
     * @throws dev.quintet.platform.Refused with {@code Retry-After} when there were too many
     */
    void admit(Optional<Caller> caller, String address);

    /**
     * Counts a request that was admitted by its address for the credential that it turned out to
     * carry.
     *
     * @throws dev.quintet.platform.Refused as {@link #admit}
     */
    default void proven(String address, UUID organisation, String credential) {}
}
