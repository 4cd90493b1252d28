package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.quintet.platform.Await;
import dev.quintet.platform.Pins;
import dev.quintet.server.Person.Heard;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.S3Exception;
import tools.jackson.databind.JsonNode;

/**
 * Ada and Bob live through all five systems of one real server with the stock clients of each
 * field, and on through its restart, until Ada is erased. {@code KilledJourneyTest} is the twin
 * that kills.
 */
final class JourneyTest {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir Path data;

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", "smtp"));
    private final byte[] photo = new byte[3_000_000];
    private Map<String, String> environment = Map.of();
    private LiveServer server;
    private Product product;
    private Person ada;
    private Person bob;
    private Person carol;
    private String room = "";
    private String file = "";
    private URI link = URI.create("");

    @BeforeEach
    void open() throws Exception {
        new Random(7).nextBytes(photo);
        mail.start();
        environment =
                Map.of(
                        // A sign of life a second: what was read is known to be.
                        "QUINTET_CHAT_PING",
                        "1s",
                        "QUINTET_NOTIFY_SMTP_URL",
                        "smtp://127.0.0.1:" + mail.getSmtp().getPort(),
                        "QUINTET_EGRESS_ALLOW",
                        "127.0.0.0/8");
        server = LiveServer.start(data, environment);
        product = new Product(server);
        ada = signedIn("Ada", "ada@quintet.test");
        bob = signedIn("Bob", "bob@quintet.test");
        carol = signedIn("Carol", "carol@quintet.test");
    }

    @AfterEach
    void close() {
        Stream.of(ada, bob, carol).forEach(Person::close);
        product.close();
        server.close();
        mail.stop();
    }

    private Person signedIn(String name, String email) throws Exception {
        return Person.signsIn(server, product.app(), server.user(name, email), email);
    }

    @Test
    void ada_and_bob_live_through_all_five_systems_and_a_restart() throws Exception {
        try (Pins _ = Pins.watch()) {
            whoeverIsOfflineIsToldOfAMention();
            whoeverIsOnlineIsNot();
            anInboxMovesByItself();
            aFileIsOneObjectAtEveryDoor();
            theProductTracksAndIsTold();
            analyticsSeeAllOfIt();
            theServerStartsAgainUnderThem();
            adaIsErased();
        }
    }

    private void whoeverIsOfflineIsToldOfAMention() {
        ada.opensTheChat();
        room = ada.opensRoomWith(bob, carol);
        assertThat(ada.says(room, "hello")).isEqualTo(1);
        assertThat(ada.says(room, "lunch, Bob?", bob)).isEqualTo(2);
        awaitMails("bob@quintet.test");
        assertThat(bob.inbox()).containsExactly("lunch, Bob?");
    }

    /** Carol hears at once. That Bob's decision falls for him too, later, MentionsTest shows. */
    private void whoeverIsOnlineIsNot() {
        bob.opensTheChat();
        assertThat(ada.says(room, "tea, both of you?", bob, carol)).isEqualTo(3);
        Await.until("Bob hears it", () -> bob.heard().contains(new Heard(3, "tea, both of you?")));
        awaitMails("bob@quintet.test", "carol@quintet.test");
        assertThat(carol.inbox()).containsExactly("tea, both of you?");
        assertThat(bob.inbox()).containsExactly("lunch, Bob?");
    }

    private void awaitMails(String... recipients) {
        Await.until(
                "mails to " + Arrays.toString(recipients),
                () -> mail.getReceivedMessages().length >= recipients.length);
        assertThat(mail.getReceivedMessages())
                .extracting(JourneyTest::recipient)
                .containsExactlyInAnyOrder(recipients);
    }

    private static String recipient(MimeMessage message) {
        try {
            return message.getRecipients(RecipientType.TO)[0].toString();
        } catch (MessagingException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    private void anInboxMovesByItself() throws Exception {
        CompletableFuture<JsonNode> next = bob.awaitsAnEntry();
        String json =
                LiveServer.json(
                        Map.of(
                                "to",
                                List.of(Map.of("user", bob.id())),
                                "channels",
                                List.of("inapp"),
                                "content",
                                Map.of("title", "Parcel", "body", "It is here")));
        server.admin("POST", "/api/v1/notifications", json, 202);
        assertThat(next.join().get("body").asString()).isEqualTo("It is here");
    }

    private void aFileIsOneObjectAtEveryDoor() throws Exception {
        file = ada.uploads("holiday.bin", photo);
        assertThat(byTus(file).body()).isEqualTo(photo);
        assertThat(byS3("uploads", file + "/holiday.bin")).isEqualTo(photo);
        link =
                server.at(
                        ada.ask("POST", "/api/v1/files/" + file + "/links", "{}", 201)
                                .get("url")
                                .asString());
        assertThat(get(HttpRequest.newBuilder(link).header("Range", "bytes=1000-1999")).body())
                .isEqualTo(Arrays.copyOfRange(photo, 1000, 2000));

        product.s3().createBucket(bucket -> bucket.bucket("reports"));
        byte[] report = Arrays.copyOf(photo, 100_000);
        String stored =
                product.s3()
                        .putObject(
                                put -> put.bucket("reports").key("may.csv"),
                                RequestBody.fromBytes(report))
                        .sdkHttpResponse()
                        .firstMatchingHeader("x-quintet-file-id")
                        .orElseThrow();
        assertThat(
                        get(HttpRequest.newBuilder(server.at("/files/" + stored))
                                        .header("Authorization", "Bearer " + server.adminKey()))
                                .body())
                .isEqualTo(report);
    }

    private HttpResponse<byte[]> byTus(String id) throws Exception {
        return get(
                HttpRequest.newBuilder(server.at("/files/" + id))
                        .header("Authorization", "Bearer " + ada.token()));
    }

    private static HttpResponse<byte[]> get(HttpRequest.Builder request) throws Exception {
        return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
    }

    private byte[] byS3(String bucket, String key) {
        return product.s3().getObjectAsBytes(get -> get.bucket(bucket).key(key)).asByteArray();
    }

    private void theProductTracksAndIsTold() throws Exception {
        product.tracks("paid", ada.id(), "order-7");
        product.tracks("paid", ada.id(), "order-7");
        product.tellsItself("order.paid");
    }

    /** What the product tracked, and what the bridges brought of the other systems. */
    private void analyticsSeeAllOfIt() {
        Await.until("the order", () -> count("event = 'paid'") == 1);
        Await.until("the messages", () -> sum("messages_sent", "count") == 3);
        Await.until("Ada's upload", () -> sum("upload_stored", "size") == 3_100_000);
        for (Person person : List.of(ada, bob, carol)) {
            Await.until(
                    "the sign-in of " + person.email(),
                    () -> count("event = 'signed_in' and user_id = '" + person.id() + "'") == 1);
        }
    }

    private long sum(String event, String property) {
        return number(
                "coalesce(sum((properties->>'$." + property + "')::bigint), 0)",
                "event = '" + event + "'");
    }

    private long count(String where) {
        return number("count(*)", where);
    }

    private long number(String what, String where) {
        String sql = "select " + what + " from events where " + where;
        String json = LiveServer.json(Map.of("sql", sql));
        return unchecked(() -> server.admin("POST", "/api/v1/analytics/query", json, 200))
                .get("rows")
                .get(0)
                .get(0)
                .asLong();
    }

    /** The clients stay open and know nothing of it but that their connection broke. */
    private void theServerStartsAgainUnderThem() throws Exception {
        server.close();
        server = server.startAgain(environment);
        Await.until("both are back", () -> ada.isConnected() && bob.isConnected());
        assertThat(ada.says(room, "still there?")).isEqualTo(4);
        Await.until("Bob hears it", () -> bob.heard().size() == 2);
        assertThat(bob.heard().getLast()).isEqualTo(new Heard(4, "still there?"));
        ada.refreshes();
        assertThat(texts())
                .containsExactly("hello", "lunch, Bob?", "tea, both of you?", "still there?");
        assertThat(bob.inbox()).containsExactly("It is here", "lunch, Bob?");
        assertThat(byTus(file).body()).isEqualTo(photo);
        assertThat(get(HttpRequest.newBuilder(link)).body()).isEqualTo(photo);
        assertThat(byS3("uploads", file + "/holiday.bin")).isEqualTo(photo);
        assertThat(count("event = 'paid'")).isEqualTo(1);
        product.tracks("paid", ada.id(), "order-7");
        product.tracks("paid", ada.id(), "order-8");
        Await.until("the new order only", () -> count("event = 'paid'") == 2);
        awaitMails("bob@quintet.test", "carol@quintet.test");
    }

    private List<String> texts() {
        return bob.ask("GET", "/api/v1/chat/rooms/" + room + "/messages?after=0&limit=10", "", 200)
                .get("items")
                .valueStream()
                .map(message -> message.get("text").asString(""))
                .toList();
    }

    private void adaIsErased() throws Exception {
        server.admin("DELETE", "/api/v1/people/" + ada.id(), "", 204);
        Await.until("her account is gone", () -> status("/api/v1/users/" + ada.id()) == 404);
        assertThatThrownBy(ada::refreshes).isInstanceOf(OAuth2AuthorizationException.class);
        Await.until("her session is over", () -> unchecked(() -> byTus(file)).statusCode() == 401);
        Await.until("her file is gone", () -> status("/files/" + file) == 404);
        assertThat(get(HttpRequest.newBuilder(link)).statusCode()).isEqualTo(404);
        assertThatThrownBy(() -> byS3("uploads", file + "/holiday.bin"))
                .isInstanceOf(S3Exception.class);
        Await.until("her events are gone", () -> count("user_id = '" + ada.id() + "'") == 0);
        Await.until("her words are gone", () -> texts().stream().allMatch(String::isEmpty));
        assertThat(texts()).as("the numbers stay").hasSize(4);
        Await.until(
                "what she said is gone from Bob's inbox",
                () -> bob.inbox().equals(List.of("It is here", "")));
        assertThat(status("/api/v1/users/" + bob.id())).isEqualTo(200);
    }

    private int status(String path) {
        return unchecked(() ->
                        get(
                                HttpRequest.newBuilder(server.at(path))
                                        .header("Authorization", "Bearer " + server.adminKey())))
                .statusCode();
    }

    private static <T> T unchecked(Callable<T> call) {
        try {
            return call.call();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
