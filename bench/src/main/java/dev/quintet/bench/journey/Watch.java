package dev.quintet.bench.journey;

import dev.quintet.bench.QuintetProcess;
import tools.jackson.databind.JsonNode;

/** Who looks on while the server lives and is struck. */
public interface Watch {

    Watch NOBODY = new Watch() {};

    /** What it is started with beyond the usual. */
    default QuintetProcess.Settings over(QuintetProcess.Settings usual) {
        return usual;
    }

    /** It is ready. */
    default void started(QuintetProcess server) {}

    /** Its process is about to be killed or asked to end. */
    default void ending(QuintetProcess server) {}

    /** It gave this answer. */
    default void answered(JsonNode answer) {}
}
