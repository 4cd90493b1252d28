package dev.quintet.platform.sql;

import dev.quintet.platform.caller.Caller;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** The SQL of idempotent requests: answers by caller and key, one partition a day. */
final class AnswerStore {

    private static final int DAYS_AHEAD = 3;

    private static final String LOCK =
            """
            select true
            from (select pg_advisory_xact_lock(hashtextextended(:caller || ' ' || :key, 4711))) locked
            """;
    private static final String TODAY = "select platform.today()";
    private static final String FIND =
            """
            select body_hash, answer
            from platform.answers
            where day in (:today, :today - 1)
              and organisation = :organisation
              and caller = :caller
              and key = :key
            """;
    private static final String INSERT =
            """
            insert into platform.answers (day, organisation, caller, key, body_hash, answer)
            values (:today, :organisation, :caller, :key, :bodyHash, :answer)
            """;
    private static final String ONE_AT_A_TIME =
            """
            select true
            from (select pg_advisory_xact_lock(hashtextextended('platform.answers', 0))) locked
            """;
    private static final String DAYS =
            """
            select child.relname
            from pg_inherits
            join pg_class child on child.oid = inhrelid
            where inhparent = 'platform.answers'::regclass
            """;

    /** An earlier answer, still sealed. */
    static final class Sealed {

        final byte[] bodyHash;
        final byte[] answer;

        private Sealed(byte[] bodyHash, byte[] answer) {
            this.bodyHash = bodyHash;
            this.answer = answer;
        }
    }

    void lock(Tx tx, Caller caller, String key) {
        tx.handle()
                .createQuery(LOCK)
                .bind("caller", caller.organisation() + " " + caller.credential())
                .bind("key", key)
                .mapTo(Boolean.class)
                .one();
    }

    LocalDate today(Tx tx) {
        return tx.handle().createQuery(TODAY).mapTo(LocalDate.class).one();
    }

    Optional<Sealed> find(Tx tx, LocalDate today, Caller caller, String key) {
        return tx.handle()
                .createQuery(FIND)
                .bind("today", today)
                .bind("organisation", caller.organisation())
                .bind("caller", caller.credential())
                .bind("key", key)
                .map((row, context) -> new Sealed(row.getBytes(1), row.getBytes(2)))
                .findOne();
    }

    void insert(Tx tx, LocalDate today, Caller caller, String key, byte[] bodyHash, byte[] answer) {
        tx.handle()
                .createUpdate(INSERT)
                .bind("today", today)
                .bind("organisation", caller.organisation())
                .bind("caller", caller.credential())
                .bind("key", key)
                .bind("bodyHash", bodyHash)
                .bind("answer", answer)
                .execute();
    }

    /**
     * Makes the days from yesterday to a few ahead. Attaching, unlike making a partition in place,
     * waits for no open transaction and stops none.
     */
    void makeDays(Tx tx) {
        tx.handle().createQuery(ONE_AT_A_TIME).mapTo(Boolean.class).one();
        LocalDate today = today(tx);
        List<String> there = days(tx);
        for (int ahead = -1; ahead <= DAYS_AHEAD; ahead++) {
            LocalDate day = today.plusDays(ahead);
            if (!there.contains(partition(day))) {
                tx.handle()
                        .execute(
                                "create table platform.%s (like platform.answers including all)"
                                        .formatted(partition(day)));
                tx.handle()
                        .execute(
                                "alter table platform.answers attach partition platform.%s for values in ('%s')"
                                        .formatted(partition(day), day));
            }
        }
    }

    /** The days before yesterday. */
    List<String> oldDays(Tx tx) {
        String yesterday = partition(today(tx).minusDays(1));
        return days(tx).stream().filter(day -> day.compareTo(yesterday) < 0).toList();
    }

    /** Drops a day, or fails at once: whoever waits here would make every request wait. */
    void drop(Tx tx, String day) {
        tx.handle().execute("lock table platform.answers in access exclusive mode nowait");
        tx.handle().execute("drop table if exists platform." + day);
    }

    private static List<String> days(Tx tx) {
        return tx.handle().createQuery(DAYS).mapTo(String.class).list();
    }

    private static String partition(LocalDate day) {
        return "answers_" + day.toString().replace("-", "");
    }
}
