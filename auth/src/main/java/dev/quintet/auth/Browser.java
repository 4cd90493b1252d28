package dev.quintet.auth;

import java.util.Map;
import java.util.Optional;

/**
 * The browser in front of a page, as its cookies show it.
 *
 * @param flows the secrets of the sign-ins, consents and sign-outs that are under way in its tabs,
 *     by the flow's id; they give no right
 * @param session the secret of its session, if it says that it is signed in
 * @param device which accounts have signed in here before, so that strangers who guess passwords
 *     cannot lock their owner out
 * @param address where it speaks from
 */
public record Browser(
        Map<String, String> flows,
        Optional<String> session,
        Optional<String> device,
        String address) {

    public Browser {
        flows = Map.copyOf(flows);
    }
}
