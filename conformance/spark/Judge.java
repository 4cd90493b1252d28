import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Stock Spark over the lake of a running server, while events come in: what it sees and what it may do. */
public final class Judge {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final int BATCH = 100;
    private static final int ROUNDS = 5;
    private static final String EVENTS = "quintet.analytics.events";

    // Runs do not see each other.
    private final String run = UUID.randomUUID().toString();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final String url;
    private final String key;

    private Judge(String url, String key) {
        this.url = url;
        this.key = key;
    }

    public static void main(String[] arguments) throws Exception {
        long began = System.nanoTime();
        SparkSession spark =
                SparkSession.builder()
                        .master("local[2]")
                        // What is wrong comes as an exception; its own log tells of each refusal that is wanted.
                        .config("spark.log.level", "OFF")
                        .config("spark.ui.enabled", false)
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.sql.session.timeZone", "UTC")
                        .config("spark.sql.shuffle.partitions", 2)
                        .config(
                                "spark.sql.extensions",
                                "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
                        .config("spark.sql.catalog.quintet", "org.apache.iceberg.spark.SparkCatalog")
                        .config("spark.sql.catalog.quintet.type", "rest")
                        .config("spark.sql.catalog.quintet.uri", arguments[0] + "/iceberg")
                        .config("spark.sql.catalog.quintet.token", arguments[1])
                        .getOrCreate();
        try (spark) {
            long started = System.nanoTime();
            new Judge(arguments[0], arguments[1]).judge(spark);
            System.out.printf(
                    "Spark %s on Java %s: all as it should be, started in %d s, judged in %d s%n",
                    spark.version(),
                    Runtime.version().feature(),
                    (started - began) / 1_000_000_000,
                    (System.nanoTime() - started) / 1_000_000_000);
        }
    }

    private void judge(SparkSession spark) throws Exception {
        String source = post("/api/v1/analytics/sources", "{\"name\":\"spark " + run + "\"}");
        String writeKey = found(source, "\"writeKey\":\"([^\"]+)\"");
        send(writeKey);
        Thread sender = Thread.ofVirtual().start(() -> sendOn(writeKey));

        readsWhileEventsComeIn(spark);
        enough.set(true);
        sender.join();
        seesEachWithWhatItSaid(spark);
        addsARow(spark);
        keepsATableOfItsOwn(spark);
        mayNotChangeOurs(spark);
    }

    private void readsWhileEventsComeIn(SparkSession spark) throws Exception {
        long before = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int least = sent.get();
            awaitLoaded(least);
            long seen = seenOnce(spark);
            require("it sees what is loaded", seen >= least && seen >= before);
            before = seen;
        }
    }

    /** Waits until the server's own SQL finds that many. */
    private void awaitLoaded(int events) throws Exception {
        long began = System.nanoTime();
        while (stored() < events) {
            require("loaded within a minute", System.nanoTime() - began < 60_000_000_000L);
            Thread.sleep(100);
        }
    }

    /** How many events Spark sees. */
    private long seenOnce(SparkSession spark) {
        spark.sql("refresh table " + EVENTS);
        String counts = "select count(*), count(distinct message_id) from " + EVENTS + " where ";
        Row counted = spark.sql(counts + mine()).first();
        require("no event is there twice", counted.getLong(0) == counted.getLong(1));
        return counted.getLong(0);
    }

    private void seesEachWithWhatItSaid(SparkSession spark) throws Exception {
        awaitLoaded(sent.get());
        long all = sent.get();
        require("all are there", seenOnce(spark) == all);
        require(
                "with what they said",
                own(spark, "sum(cast(get_json_object(properties, '$.n') as int))", "true")
                        == all * (all - 1) / 2);
        require("at their time", own(spark, "count(*)", "timestamp = '2025-03-30T00:30:00Z'") == all);
        require(
                "of the day that they came",
                own(spark, "count(*)", "received_at >= current_date() - interval 1 day") == all);
        long first =
                number(spark, "select snapshot_id from " + EVENTS + ".snapshots order by committed_at");
        require(
                "fewer at the first snapshot",
                number(spark, "select count(*) from " + EVENTS + " version as of " + first)
                        < number(spark, "select count(*) from " + EVENTS));
    }

    private void addsARow(SparkSession spark) throws Exception {
        String columns = String.join(", ", spark.table(EVENTS).columns());
        String copied = columns.replace("message_id", "'" + run + "-guest'");
        spark.sql(
                "insert into %s select %s from %s where %s limit 1"
                        .formatted(EVENTS, copied, EVENTS, mine()));
        require("its row is there", own(spark, "count(*)", "true") == sent.get() + 1);
        require("also for the server", stored() == sent.get() + 1);
    }

    private void keepsATableOfItsOwn(SparkSession spark) {
        String table = "quintet.science.primes";
        spark.sql("create namespace if not exists quintet.science");
        spark.sql("create table " + table + " (n bigint) using iceberg");
        spark.sql("insert into " + table + " values (2), (3), (5), (9)");
        spark.sql("delete from " + table + " where n = 9");
        spark.sql("alter table " + table + " add column proof string");
        spark.sql("update " + table + " set proof = 'Euclid' where n = 2");
        require("its own table", number(spark, "select sum(n) from " + table) == 10);
        require(
                "changed",
                number(spark, "select count(*) from " + table + " where proof is not null") == 1);
        spark.sql("drop table " + table + " purge");
        spark.sql("drop namespace quintet.science");
    }

    private void mayNotChangeOurs(SparkSession spark) {
        List<String> changes =
                List.of(
                        "delete from " + EVENTS + " where " + mine(),
                        "alter table " + EVENTS + " add column mine string",
                        "drop table " + EVENTS);
        for (String change : changes) {
            try {
                spark.sql(change);
            } catch (Exception refused) {
                continue;
            }
            throw new IllegalStateException("it was let do: " + change);
        }
    }

    private String mine() {
        return "user_id = '" + run + "'";
    }

    private long own(SparkSession spark, String figure, String where) {
        return number(spark, "select %s from %s where %s and %s".formatted(figure, EVENTS, where, mine()));
    }

    private static long number(SparkSession spark, String sql) {
        return spark.sql(sql).first().getLong(0);
    }

    private static void require(String what, boolean so) {
        if (!so) {
            throw new IllegalStateException("not so: " + what);
        }
    }

    private void sendOn(String writeKey) {
        try {
            while (!enough.get()) {
                send(writeKey);
                Thread.sleep(50);
            }
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private void send(String writeKey) throws IOException, InterruptedException {
        List<String> events = new ArrayList<>();
        int from = sent.get();
        for (int n = from; n < from + BATCH; n++) {
            events.add(
                    """
                    {"type":"track","event":"Bought","userId":"%s","messageId":"%s-%d",
                     "timestamp":"2025-03-30T00:30:00Z","properties":{"n":%d}}
                    """
                            .formatted(run, run, n, n));
        }
        post(
                "/v1/batch",
                "{\"writeKey\":\"%s\",\"batch\":[%s]}".formatted(writeKey, String.join(",", events)));
        sent.addAndGet(BATCH);
    }

    private long stored() throws IOException, InterruptedException {
        String sql = "select count(*) from events where " + mine();
        String answer = post("/api/v1/analytics/query", "{\"sql\":\"" + sql + "\"}");
        return Long.parseLong(found(answer, "\"rows\":\\[\\[(\\d+)"));
    }

    private String post(String path, String json) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json));
        if (path.startsWith("/api/")) {
            request.header("Authorization", "Bearer " + key);
        }
        HttpResponse<String> answer = CLIENT.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    private static String found(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + pattern + " in " + text);
        }
        return matcher.group(1);
    }
}
