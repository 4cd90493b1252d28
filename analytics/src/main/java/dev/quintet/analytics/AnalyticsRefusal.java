package dev.quintet.analytics;

import dev.quintet.platform.Refusal;

/** Every way in which analytics says no. */
public enum AnalyticsRefusal implements Refusal {
    WRITE_KEY_UNKNOWN(
            401,
            "no source has this write key; send the key of a source as user name of Basic"
                    + " authentication, or as writeKey in the body"),
    SETTINGS_UNKNOWN(
            404, "no source has the write key of this address; copy the key of a source again"),
    ORIGIN_NOT_ALLOWED(
            403,
            "the source takes no events from pages of %s; add it to the source's allowedOrigins"),
    EVENTS_MALFORMED(400, "the request holds no events that can be read: %s"),
    EVENT_INVALID(400, "the event was not taken: %s (at %s)"),
    EVENTS_TOO_LARGE(413, "the request is larger than %s; send fewer events at a time"),
    EVENTS_TOO_MANY(413, "a batch takes at most %s events, this one holds %s; send it in parts"),
    SOURCES_FULL(409, "there are %s sources already, which is the limit; use one of them"),
    SOURCE_UNKNOWN(404, "there is no source %s"),
    ORIGIN_INVALID(400, "'%s' is not taken as an origin: %s"),
    ORIGINS_TOO_MANY(
            400, "a source has at most %s allowed origins, these are %s; make another source"),
    OLD_KEY_EXPIRY_INVALID(400, "oldKeyExpiresIn is a number of seconds from 0 to %s, not %s"),
    ERASURE_SUBJECT_INVALID(
            400, "send either userId or anonymousId, with 1 to %s characters, as events hold it"),
    ERASURE_UNKNOWN(404, "there is no erasure %s"),
    ERASURES_FULL(503, "%s erasures wait already, which is the limit; ask again later"),
    SOURCE_NAME_INVALID(400, "a source's name has 1 to 100 characters, this one has %s"),
    PAGE_UNKNOWN(
            400,
            "after is no place that an earlier page ended at; ask without it to begin at the first"),
    QUERY_INVALID(400, "%s"),
    QUERY_NOT_ALLOWED(403, "%s"),
    QUERY_LIMIT_INVALID(400, "limit is a number of rows from 1 to %s, not %s"),
    QUERY_TOO_HEAVY(
            422,
            "the query was stopped: it needs more %s than the %s that a query may take; narrow it"),
    QUERY_RESULT_TOO_LARGE(
            422, "the query's answer is larger than %s; select fewer columns or rows"),
    QUERY_ENGINE_FAILED(
            503, "the query engine failed and is started anew; nothing was changed, try again");

    private final int status;
    private final String sentence;

    AnalyticsRefusal(int status, String sentence) {
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
        return "analytics#" + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
