package dev.quintet.platform.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.TestDatabase;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ApiKeysTest {

    private static final Duration NEVER = Duration.ofHours(1);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final TestDatabase test = keep(TestDatabase.create());
    private final Database db = test.database();
    private final Keys keys =
            new Keys(MasterKey.parse("ab".repeat(32)), List.of(), new SecureRandom());

    /** One server on the database. */
    private record Node(Database db, Versions versions, ApiKeys keys) {}

    private Node node(Duration polls) {
        Database own =
                keep(
                        Database.open(
                                test.url(),
                                Database.Limits.DEFAULT,
                                (tx, event) -> {
                                    throw new IllegalStateException("keys announce nothing");
                                }));
        Versions versions = keep(new Versions(own, polls));
        Ids ids = new Ids(InstantSource.system(), new Random());
        return new Node(own, versions, new ApiKeys(own, keys, versions, ids, new SecureRandom()));
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.add(resource);
        return resource;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private static ApiKey.Made make(Node node) {
        return node.db()
                .tx(tx -> node.keys().make(tx, Caller.ROOT, "shop", Set.of(Scope.CHAT_READ)));
    }

    @Test
    void a_key_is_its_caller_and_is_not_in_the_database_as_itself() {
        Node node = node(NEVER);
        ApiKey.Made made = make(node);
        assertThat(node.keys().authenticate(made.secret()))
                .contains(
                        new Caller(
                                "key:" + made.id(),
                                Caller.ROOT,
                                Optional.empty(),
                                Set.of(Scope.CHAT_READ)));
        String rows =
                db.read(tx ->
                        tx.handle()
                                .createQuery("select keys::text from caller.keys")
                                .mapTo(String.class)
                                .list()
                                .toString());
        assertThat(rows).contains("shop").doesNotContain(made.secret().substring(3, 40));
        assertThat(made.toString()).doesNotContain(made.secret());
    }

    @Test
    void a_key_with_a_wrong_letter_never_reaches_the_database() {
        Node node = node(NEVER);
        String secret = make(node).secret();
        char last = secret.charAt(20);
        String mistyped =
                secret.substring(0, 20) + (last == 'x' ? 'y' : 'x') + secret.substring(21);
        node.db().close();
        assertThat(node.keys().authenticate(mistyped)).isEmpty();
        assertThat(node.keys().authenticate("qk_")).isEmpty();
        assertThatThrownBy(() -> node.keys().authenticate(secret))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void a_revocation_reaches_another_node_within_a_second() {
        Node one = node(Versions.OFTEN_ENOUGH);
        Node other = node(Versions.OFTEN_ENOUGH);
        Node deaf = node(NEVER);
        ApiKey.Made made = make(one);
        for (Node node : List.of(one, other, deaf)) {
            assertThat(node.keys().authenticate(made.secret())).isPresent();
        }
        one.db().run(tx -> one.keys().revoke(tx, Caller.ROOT, made.id()));
        assertThat(one.keys().authenticate(made.secret()))
                .as("at once where it was revoked")
                .isEmpty();
        Await.until(
                "the other node refuses it",
                Duration.ofSeconds(1),
                () -> other.keys().authenticate(made.secret()).isEmpty());
        // The planted fault: a node that does not poll goes on believing.
        assertThat(deaf.keys().authenticate(made.secret())).isPresent();
    }

    @Test
    void a_node_that_cannot_poll_trusts_nothing_it_has_cached() {
        Node node = node(Duration.ofMillis(50));
        ApiKey.Made made = make(node);
        assertThat(node.keys().authenticate(made.secret())).isPresent();
        node.db().close();
        Await.until(
                "the cached key no longer counts",
                () -> {
                    try {
                        return node.keys().authenticate(made.secret()).isEmpty();
                    } catch (RuntimeException noDatabase) {
                        return true;
                    }
                });
    }

    @Test
    void another_organisation_neither_sees_nor_revokes_a_key() {
        Node node = node(NEVER);
        ApiKey.Made made = make(node);
        UUID other =
                node.db()
                        .tx(tx ->
                                new Organisations(new Ids(InstantSource.system(), new Random()))
                                        .make(tx, "other"));
        assertThat(
                        node.db()
                                .<List<ApiKey>>read(
                                        tx -> node.keys().list(tx, other, Optional.empty(), 10)))
                .isEmpty();
        assertThatThrownBy(() -> node.db().run(tx -> node.keys().revoke(tx, other, made.id())))
                .hasMessageContaining("there is no API key key_");
        assertThat(node.keys().authenticate(made.secret())).isPresent();
    }

    @Test
    void five_nodes_that_start_at_once_make_one_first_key() throws Exception {
        Node node = node(NEVER);
        Callable<Optional<ApiKey.Made>> start = node.keys()::makeFirst;
        int made = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var each : threads.invokeAll(Collections.nCopies(5, start))) {
                made += each.get().isPresent() ? 1 : 0;
            }
        }
        assertThat(made).isEqualTo(1);
    }

    @Test
    void use_is_noted_without_anybody_waiting() {
        Node node = node(NEVER);
        ApiKey.Made made = make(node);
        var _ = node.keys().authenticate(made.secret());
        Await.until(
                "last use is noted",
                () ->
                        node.db()
                                .<List<ApiKey>>read(tx ->
                                        node.keys().list(tx, Caller.ROOT, Optional.empty(), 10))
                                .getFirst()
                                .lastUsedAt()
                                .isPresent());
    }

    @Test
    void twenty_askers_at_once_load_once_and_a_load_overtaken_by_a_change_is_not_kept()
            throws Exception {
        Node node = node(NEVER);
        VersionedCache<String, String> cache =
                new VersionedCache<>(node.versions(), "test", 10, NEVER);
        AtomicInteger loads = new AtomicInteger();
        Callable<String> ask = () -> cache.get("a", key -> key + loads.incrementAndGet());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var each : threads.invokeAll(Collections.nCopies(20, ask))) {
                assertThat(each.get()).isEqualTo("a1");
            }
        }
        cache.get(
                "b",
                key -> {
                    node.db().run(tx -> node.versions().raise(tx, "test"));
                    return "read before the change";
                });
        assertThat(cache.get("b", key -> "read after it")).isEqualTo("read after it");
        assertThat(cache.get("a", key -> "again")).isEqualTo("again");
    }
}
