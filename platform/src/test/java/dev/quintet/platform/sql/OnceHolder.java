package dev.quintet.platform.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/** A node that can be killed: it does its work once, and never gives the answer. */
final class OnceHolder {

    static final Caller ADA = new Caller("key:ada", Caller.ROOT, Optional.empty(), Set.of());

    private OnceHolder() {}

    static void main(String... words) {
        DatabaseUrl url = new DatabaseUrl(words[0], words[1], words[2]);
        Database db = Database.open(url, Database.Limits.DEFAULT, (tx, events) -> {});
        byte[] answer = once(db).run(ADA, "k", new byte[] {1}, OnceHolder::work);
        System.out.println("committed " + new String(answer, UTF_8));
        while (true) {
            LockSupport.park();
        }
    }

    static Once once(Database db) {
        return new Once(
                db, new Keys(MasterKey.parse("0a".repeat(32)), List.of(), new SecureRandom()));
    }

    static byte[] work(Tx tx) {
        tx.handle().execute("insert into public.effects values ('one')");
        return ("answer " + UUID.randomUUID()).getBytes(UTF_8);
    }
}
