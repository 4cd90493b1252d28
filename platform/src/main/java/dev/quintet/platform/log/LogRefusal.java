package dev.quintet.platform.log;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** Why the event log does not take a record. */
public enum LogRefusal implements Refusal {
    EVENT_LOG_BUSY(
            503,
            "%d bytes of events wait for the disk already; nothing was stored, try again shortly"),
    EVENT_LOG_FAILED(
            503, "the disk did not confirm the events; they count as not stored, try again"),
    EVENT_LOG_DAMAGED(
            503,
            "the event log is damaged at %s, so what lies behind is not counted; its operator's log"
                    + " says how to go on, and new events are taken"),
    EVENT_LOG_LOST(
            503,
            "the event log is shorter than what is loaded of it (up to %s); nothing was stored, its"
                    + " operator's log says how to go on"),
    EVENT_LOG_CLOSED(503, "the server is stopping; nothing was stored, try again"),
    EVENTS_TOO_LARGE(413, "the request has %d bytes, one may have %d; send it in parts");

    private final int status;
    private final String sentence;

    LogRefusal(int status, String sentence) {
        this.status = status;
        this.sentence = sentence;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public String docs() {
        return "errors#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
