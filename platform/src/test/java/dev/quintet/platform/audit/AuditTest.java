package dev.quintet.platform.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AuditTest {

    private final TestDatabase test = TestDatabase.create();
    private final Database db = test.database();
    private final Audit audit = new Audit();

    @AfterAll
    void close() {
        test.close();
    }

    private static Act act(UUID organisation, String target) {
        Caller caller =
                new Caller("key:1", organisation, Optional.of(organisation), Set.of(Scope.ADMIN));
        return Act.done(caller, "192.0.2.1", "key.make", target)
                .with(Map.of("scopes", List.of("admin")));
    }

    private List<Entry> after(UUID organisation, long position, int most) {
        return db.read(tx -> audit.after(tx, organisation, position, most));
    }

    @Test
    void acts_come_back_in_pages_and_only_to_their_organisation() {
        UUID mine = UUID.randomUUID();
        for (int each = 0; each < 5; each++) {
            String target = "key_" + each;
            db.run(tx -> audit.record(tx, act(mine, target)));
            db.run(tx -> audit.record(tx, act(UUID.randomUUID(), target)));
        }
        List<Entry> first = after(mine, 0, 3);
        List<Entry> rest = after(mine, first.getLast().position(), 3);
        assertThat(first)
                .extracting(entry -> entry.act().target())
                .containsExactly("key_0", "key_1", "key_2");
        assertThat(rest)
                .extracting(entry -> entry.act().target())
                .containsExactly("key_3", "key_4");
        assertThat(first.getFirst().act()).isEqualTo(act(mine, "key_0"));
    }

    @Test
    void what_is_rolled_back_was_never_done() {
        UUID mine = UUID.randomUUID();
        assertThatThrownBy(() ->
                        db.run(tx -> {
                            audit.record(tx, act(mine, "x"));
                            throw new IllegalStateException("after all");
                        }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(after(mine, 0, 10)).isEmpty();
    }

    @Test
    void a_reader_that_pages_while_many_write_misses_none() throws Exception {
        UUID mine = UUID.randomUUID();
        int writers = 8;
        int each = 25;
        List<String> read = new ArrayList<>();
        CountDownLatch left = new CountDownLatch(writers);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int writer = 0; writer < writers; writer++) {
                String name = "w" + writer + "-";
                threads.execute(() -> {
                    for (int count = 0; count < each; count++) {
                        String target = name + count;
                        db.run(tx -> audit.record(tx, act(mine, target)));
                    }
                    left.countDown();
                });
            }
            long position = 0;
            boolean last = false;
            while (!last) {
                last = left.getCount() == 0;
                for (Entry entry : after(mine, position, 7)) {
                    read.add(entry.act().target());
                    position = entry.position();
                    last = false;
                }
            }
        }
        assertThat(read).hasSize(writers * each).doesNotHaveDuplicates();
    }

    @Test
    void nothing_written_is_changed_or_taken_out() {
        UUID mine = UUID.randomUUID();
        db.run(tx -> audit.record(tx, act(mine, "x")));
        for (String sql :
                List.of(
                        "delete from audit.entries",
                        "update audit.entries set who = 'me'",
                        "truncate audit.entries")) {
            assertThatThrownBy(() -> db.run(tx -> tx.handle().execute(sql)))
                    .hasMessageContaining("append-only");
        }
        assertThat(after(mine, 0, 10)).hasSize(1);
    }
}
