package dev.quintet.platform.http;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** What the door itself says no to, before or around any handler. */
public enum HttpRefusal implements Refusal {
    MALFORMED_REQUEST(400, "the request is not valid HTTP: %s"),
    MALFORMED_JSON(400, "the body is not valid JSON at line %d, column %d: %s"),
    UNKNOWN_FIELD(400, "'%s' is not a field here; %s"),
    MISSING_FIELD(400, "the field '%s' is missing"),
    INVALID_FIELD(400, "the field '%s' is not valid: %s"),
    UNKNOWN_PARAMETER(400, "'%s' is not a parameter here; %s"),
    INVALID_PARAMETER(400, "the parameter '%s' is not valid: %s"),
    INVALID_IDEMPOTENCY_KEY(
            400, "Idempotency-Key must be 1 to 255 visible ASCII characters, got %d characters"),
    BODY_INCOMPLETE(400, "the connection ended before the whole body had come"),
    NOT_SIGNED_IN(401, "this needs a credential: send 'Authorization: Bearer <key or token>'"),
    INVALID_CREDENTIAL(401, "the credential is unknown, expired or revoked; get a new one"),
    MISSING_SCOPE(403, "the credential lacks the scope '%s'"),
    CROSS_SITE(
            403, "the form was not sent from a page of this server; open the page and try again"),
    NO_SUCH_ROUTE(404, "there is nothing at '%s'"),
    SYSTEM_OFF(404, "the system '%s' is switched off on this server"),
    METHOD_NOT_ALLOWED(405, "'%s' is not possible here; possible: %s"),
    BODY_TOO_SLOW(408, "the body %s; send it again"),
    PRECONDITION_FAILED(412, "it has changed since you read it; read it again"),
    BODY_TOO_LARGE(413, "the body is larger than the %s that are taken here"),
    URI_TOO_LONG(414, "the request line is longer than the %s that are taken"),
    WRONG_MEDIA_TYPE(415, "a body of type '%s' is not taken here; send %s"),
    WRONG_CONTENT_CODING(415, "a body in the coding '%s' is not taken here; send it as %s"),
    RANGE_NOT_SATISFIABLE(416, "the range '%s' lies outside the %d bytes there are"),
    TOO_MANY_STREAMS(429, "this caller has %d event streams open already; close one first"),
    UPGRADE_REQUIRED(426, "this address speaks WebSocket (RFC 6455, version 13)"),
    HEADERS_TOO_LARGE(431, "the header fields are larger than the %s that are taken"),
    INTERNAL(500, "something broke on our side; it is in the log under this request id"),
    RESTARTING(503, "the server restarts; nothing was changed, try again shortly"),
    OTHER_HTTP_VERSION(505, "'%s' is not spoken here; send HTTP/1.1");

    private final int status;
    private final String sentence;

    HttpRefusal(int status, String sentence) {
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
