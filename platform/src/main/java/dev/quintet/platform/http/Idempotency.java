package dev.quintet.platform.http;

import dev.quintet.platform.Sha256;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Once;
import dev.quintet.platform.sql.Work;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Answers a changing request by JSON, and with an {@code Idempotency-Key} only once: a repetition
 * gets the first answer. Routes that use it declare {@code IDEMPOTENCY_KEY_REUSED}.
 */
public final class Idempotency {

    private final Database db;
    private final Once once;

    /**
     * @param once over the same {@code db}
     */
    public Idempotency(Database db, Once once) {
        this.db = db;
        this.once = once;
    }

    /** Runs {@code work} in one transaction; what it gives is the JSON of the answer. */
    public <T> Response answer(Request request, int status, Work<T> work) {
        Optional<String> key = request.idempotencyKey();
        if (key.isEmpty()) {
            return Response.json(status, db.tx(request.deadline(), work));
        }
        byte[] json =
                once.run(
                        request.caller(), key.get(), hash(request), tx -> Json.write(work.run(tx)));
        return Response.bytes("application/json", json).status(status);
    }

    /** Method, path, query and body: the same key under another address is another request. */
    private static byte[] hash(Request request) {
        MessageDigest sha = Sha256.begin();
        Head head = request.head();
        String line = head.method() + ' ' + head.rawPath() + '?' + head.rawQuery() + '\n';
        sha.update(line.getBytes(StandardCharsets.UTF_8));
        return sha.digest(request.bytes());
    }
}
