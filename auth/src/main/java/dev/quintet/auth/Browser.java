package dev.quintet.auth;

import java.util.Optional;

/**
 * The browser in front of a page, as its cookies show it.
 *
 * @param mark a random value of this browser's own, to which sign-ins under way are bound; it gives
 *     no right and changes with every sign-in
 * @param session the secret of its session, if it says that it is signed in
 * @param device which accounts have signed in here before, so that strangers who guess passwords
 *     cannot lock their owner out
 * @param address where it speaks from
 */
public record Browser(
        String mark, Optional<String> session, Optional<String> device, String address) {}
