package dev.quintet.analytics;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.quintet.analytics.iceberg.OpenCatalog;
import dev.quintet.analytics.lake.Doubling;
import dev.quintet.analytics.lake.EngineFiles;
import dev.quintet.analytics.lake.Lake;
import dev.quintet.analytics.lake.LakeWriter;
import dev.quintet.analytics.lake.RejectedItems;
import dev.quintet.analytics.lake.Subject;
import dev.quintet.analytics.lake.UserQueries;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Refused;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.Gap;
import dev.quintet.platform.log.LogRecord;
import dev.quintet.platform.log.LogRefusal;
import dev.quintet.platform.log.LogRepair;
import dev.quintet.platform.log.Position;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Takes events in, and answers questions about them. Safe for any number of threads. */
public final class Analytics implements AutoCloseable {

    // A slow disk needs seconds for the engine's library of 70 MB.
    private static final Duration ENGINE_START = Duration.ofMinutes(1);
    private static final Duration LONGEST_ENGINE_START = Duration.ofMinutes(10);

    /** Rows of an answer unless the question says otherwise, and at most. */
    public static final int ROWS = 10_000;

    public static final int MOST_ROWS = 100_000;

    private final EventLog log;
    private final InstantSource time;
    private final Sources sources;
    private final Erasures erasures;
    private final Database db;
    private final Pending pending;
    private final Ledger ledger;
    private final Lake lake;
    private final OpenCatalog catalog;
    private final UserQueries queries;
    private final QueryShares shares;
    private final Loading loading;

    /** Up to where the lake has loaded a log that is longer than this one. */
    private final Optional<Position> loadedBeyond;

    /**
     * @param folder where the lake lies
     * @param engine what its engines are started from
     * @param engineMemory what one engine over the lake may take where the settings do not say
     */
    public Analytics(
            Database db,
            EventLog log,
            Disk disk,
            Path folder,
            EngineFiles engine,
            Keys keys,
            SecureRandom random,
            InstantSource time,
            AnalyticsConfig config,
            DataSize engineMemory) {
        this.log = log;
        this.time = time;
        AnalyticsStore store = new AnalyticsStore(db);
        this.db = db;
        this.sources = new Sources(db, keys, random, time);
        this.erasures = new Erasures(db, log, random, time);
        this.pending = new Pending(log);
        this.ledger = new Ledger(store, log, pending);
        this.lake = new Lake(disk, folder, time, db.url());
        this.loadedBeyond = lake.loaded().filter(at -> log.holds(at) == EventLog.Holding.BEYOND);
        this.queries =
                new UserQueries(
                        disk,
                        engine,
                        folder.resolve("queries"),
                        new UserQueries.Bounds(
                                config.queriesAtOnce(),
                                config.queryMemory().orElse(engineMemory),
                                config.queryAnswer(),
                                config.queryTime(),
                                config.querySpill()),
                        new Doubling(ENGINE_START, LONGEST_ENGINE_START));
        this.catalog = new OpenCatalog(db.url(), disk, folder, time, queries::objection);
        Doubling loaderStart = new Doubling(ENGINE_START, LONGEST_ENGINE_START);
        this.shares = new QueryShares(config.queriesAtOnce(), config.queryTime());
        this.loading =
                new Loading(
                        log,
                        () ->
                                new LakeWriter(
                                        lake,
                                        engine,
                                        folder.resolve("loader"),
                                        config.loaderMemory(engineMemory),
                                        loaderStart),
                        lake,
                        store,
                        sources,
                        erasures,
                        queries,
                        time,
                        config);
    }

    /** Begins to load what is taken in. */
    public void start() {
        loading.start();
    }

    /** The lake's tables for other engines. */
    public OpenCatalog catalog() {
        return catalog;
    }

    /** Who is to be forgotten. */
    public Erasures erasures() {
        return erasures;
    }

    /** Who may send events. */
    public Sources sources() {
        return sources;
    }

    /**
     * Takes a request of the Segment API. When it returns, its events are durable.
     *
     * @param writeKey of the Authorization header; the body's own counts if there is none
     * @param admit is told whose request it is before anything is stored, and may refuse it
     */
    public void take(Call call, Optional<String> writeKey, byte[] body, Consumer<Source> admit) {
        Submission.Sent sent = Submission.parse(body);
        Source source =
                writeKey.or(sent::writeKey)
                        .flatMap(sources::byWriteKey)
                        .orElseThrow(() ->
                                AnalyticsRefusal.WRITE_KEY_UNKNOWN
                                        .because()
                                        .header("WWW-Authenticate", "Basic realm=\"write key\""));
        admit.accept(source);
        append(Submission.of(source, call, sent, time.instant()));
    }

    /** What comes before a position that is loaded would never be. */
    private void append(Submission submission) {
        if (loadedBeyond.isPresent()) {
            throw LogRefusal.EVENT_LOG_LOST
                    .because(loadedBeyond.get())
                    .retryAfter(Duration.ofMinutes(1));
        }
        LogRecord record = submission.record();
        Position position = log.append(record);
        pending.add(position, submission.organisation(), submission.items(), record.bytes());
    }

    /**
     * Takes events of other systems of this server, one record of the log for each organisation.
     * When it returns, they are durable.
     */
    public void record(List<ServerEvent> events) {
        events.stream()
                .collect(groupingBy(ServerEvent::organisation, LinkedHashMap::new, toList()))
                .forEach((organisation, own) ->
                        append(Submission.of(Source.server(organisation), own, time.instant())));
    }

    /** Runs a SELECT over the caller's organisation's events. */
    public QueryAnswer query(Caller caller, String sql, Optional<Integer> limit) {
        int rows = limit.orElse(ROWS);
        if (rows < 1 || rows > MOST_ROWS) {
            throw AnalyticsRefusal.QUERY_LIMIT_INVALID.because(MOST_ROWS, rows);
        }
        UUID organisation = caller.organisation();
        return shares.in(organisation, () -> queries.run(sql, lake.eventFiles(organisation), rows));
    }

    /** Where the organisation's items went. */
    public Balance ledger(Caller caller) {
        return ledger.of(caller.organisation());
    }

    /** Why this node loads no events any more; empty while it does. */
    public Optional<String> problem() {
        return loading.problem();
    }

    /**
     * Sets aside what is damaged in the log of a server that is stopped.
     *
     * @param folder where the lake lies
     */
    public static List<Gap> setDamageAside(
            Disk disk, Path log, Path folder, InstantSource time, DatabaseUrl database) {
        try (Lake lake = new Lake(disk, folder, time, database)) {
            return LogRepair.setAside(disk, log, lake.loaded());
        }
    }

    /** The ledger's figures of an organisation for the overview; none while it cannot count. */
    public Map<String, Long> figures(UUID organisation) {
        try {
            Balance balance = ledger.of(organisation);
            return Map.of(
                    "received", balance.received(),
                    "stored", balance.stored(),
                    "duplicate", balance.duplicate(),
                    "rejected", balance.rejected(),
                    "pending", balance.pending());
        } catch (Refused refused) {
            if (refused.refusal() == LogRefusal.EVENT_LOG_DAMAGED) {
                return Map.of();
            }
            throw refused;
        }
    }

    /**
     * The organisation's rejected items, oldest first.
     *
     * @param after where an earlier page ended
     */
    public RejectedItems.Page rejected(Caller caller, Optional<String> after, int limit) {
        UUID organisation = caller.organisation();
        return shares.in(
                organisation,
                () -> RejectedItems.read(queries, lake.rejectedFiles(organisation), after, limit));
    }

    /**
     * Has a person removed from the lake, with the anonymous events that lead to the person: when
     * it returns, that is sure. Once it is done no query finds them; old snapshots and the log
     * forget them within the hour.
     */
    public Erasure erase(UUID organisation, UUID person) {
        Subject subject = new Subject(Subject.Kind.USER, IdKind.PERSON.show(person));
        return db.tx(tx -> erasures.request(tx, organisation, subject));
    }

    @Override
    public void close() {
        loading.close();
        queries.close();
        catalog.close();
        lake.close();
    }
}
