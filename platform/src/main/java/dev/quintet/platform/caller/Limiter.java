package dev.quintet.platform.caller;

import java.util.Optional;

/** Counts requests before their handlers run. */
@FunctionalInterface
public interface Limiter {

    Limiter NONE = (caller, address) -> {};

    /**
     * @param address the client's, after trusted proxies
     * @throws dev.quintet.platform.Refused with {@code Retry-After} when there were too many
     */
    void admit(Optional<Caller> caller, String address);
}
