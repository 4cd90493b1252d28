package dev.quintet.platform.http;

import java.util.Optional;

/** Hears of every finished exchange; tests use it to prove that each declared outcome was seen. */
@FunctionalInterface
public interface Observer {

    Observer NONE = seen -> {};

    void saw(Seen seen);

    /**
     * One exchange as it was answered.
     *
     * @param route empty if none was found
     * @param refusal the stable code if it was refused
     * @param type the media type of the answer, where it is JSON
     * @param body the JSON text of the answer; empty for other answers
     */
    record Seen(
            Optional<Route> route,
            int status,
            Optional<String> refusal,
            Optional<String> type,
            Optional<String> body) {}
}
