package dev.quintet.platform.blobs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Refused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every store of blobs keeps, wherever its bytes lie. */
public abstract class BlobsContract {

    private static final byte[] HELLO = "hello, world".getBytes(US_ASCII);

    /** The store under test; the same over all calls of one test until {@link #reopened}. */
    protected abstract Blobs blobs();

    /** The same bytes behind a new store, as after a restart. */
    protected abstract Blobs reopened();

    @Test
    void what_was_appended_and_committed_is_read_whole_and_in_parts() throws Exception {
        Receiving receiving = blobs().begin();
        assertThat(receiving.append(0, stream(HELLO))).isEqualTo(12);
        BlobId id = receiving.commit();
        assertThat(id).isEqualTo(receiving.id());
        assertThat(blobs().size(id)).hasValue(12);
        assertThat(read(id, 0, 12)).isEqualTo(HELLO);
        assertThat(read(id, 7, 5)).isEqualTo("world".getBytes(US_ASCII));
        assertThat(read(id, 12, 0)).isEmpty();
    }

    @Test
    void a_part_outside_the_blob_and_a_blob_that_is_not_there_are_refused() throws Exception {
        BlobId id = blobs().store(stream(HELLO));
        for (long[] range : new long[][] {{0, 13}, {13, 0}, {-1, 1}, {1, Long.MAX_VALUE}}) {
            assertRefused(BlobRefusal.OUTSIDE_BLOB, () -> blobs().read(id, range[0], range[1]));
        }
        BlobId unknown = new BlobId(UUID.randomUUID());
        assertRefused(BlobRefusal.NO_SUCH_BLOB, () -> blobs().read(unknown, 0, 1));
        assertThat(blobs().size(unknown)).isEmpty();
    }

    @Test
    void an_upload_goes_on_after_a_restart_at_the_offset_it_had() throws Exception {
        Receiving before = blobs().begin();
        before.append(0, stream("hello, ".getBytes(US_ASCII)));
        Receiving after = reopened().receive(before.id());
        assertThat(after.offset()).isEqualTo(7);
        assertThat(after.append(7, stream("world".getBytes(US_ASCII)))).isEqualTo(12);
        assertThat(read(after.commit(), 0, 12)).isEqualTo(HELLO);
    }

    @Test
    void one_of_which_nothing_was_stored_stands_at_zero_after_a_restart() throws Exception {
        BlobId id = blobs().begin().id();
        Receiving after = reopened().receive(id);
        assertThat(after.offset()).isZero();
        after.append(0, stream(HELLO));
        assertThat(read(after.commit(), 0, 12)).isEqualTo(HELLO);
    }

    @Test
    void another_offset_than_the_durable_one_is_refused_by_naming_both() throws Exception {
        Receiving receiving = blobs().begin();
        assertRefused(BlobRefusal.WRONG_OFFSET, () -> receiving.append(3, stream(HELLO)));
        receiving.append(0, stream(HELLO));
        assertThatThrownBy(() -> receiving.append(5, stream(HELLO)))
                .hasMessageContaining("byte 12, not 5");
        assertRefused(BlobRefusal.WRONG_OFFSET, () -> receiving.append(0, stream(HELLO)));
        assertThat(receiving.offset()).isEqualTo(12);
    }

    @Test
    void what_came_before_the_source_failed_is_kept() throws Exception {
        Receiving receiving = blobs().begin();
        InputStream cut = new SequenceInputStream(stream(HELLO), new Broken());
        assertThatThrownBy(() -> receiving.append(0, cut)).isInstanceOf(IOException.class);
        assertThat(receiving.offset()).isEqualTo(12);
        assertThat(receiving.append(12, stream(HELLO))).isEqualTo(24);
    }

    @Test
    void a_body_of_many_parts_in_pieces_of_any_size_comes_back_byte_for_byte() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        byte[] body = new byte[13 << 20];
        random.nextBytes(body);
        BlobId id = blobs().begin().id();
        int at = 0;
        while (at < body.length) {
            int next = Math.min(body.length, at + 1 + random.nextInt(7 << 20));
            Receiving receiving =
                    random.nextBoolean() ? reopened().receive(id) : blobs().receive(id);
            assertThat(receiving.offset()).isEqualTo(at);
            assertThat(receiving.append(at, stream(Arrays.copyOfRange(body, at, next))))
                    .isEqualTo(next);
            at = next;
        }
        blobs().receive(id).commit();
        assertThat(read(id, 0, body.length)).isEqualTo(body);
        assertThat(read(id, 6 << 20, 1 << 20))
                .isEqualTo(Arrays.copyOfRange(body, 6 << 20, 7 << 20));
    }

    @Test
    void a_committed_blob_never_changes_and_answers_its_commit_again() throws Exception {
        Receiving receiving = blobs().begin();
        receiving.append(0, stream(HELLO));
        BlobId id = receiving.commit();
        assertThat(receiving.commit()).isEqualTo(id);
        assertThat(reopened().receive(id).commit()).isEqualTo(id);
        assertThat(blobs().receive(id).offset()).isEqualTo(12);
        assertRefused(
                BlobRefusal.ALREADY_COMMITTED, () -> blobs().receive(id).append(12, stream(HELLO)));
        blobs().receive(id).abort();
        assertThat(read(id, 0, 12)).isEqualTo(HELLO);
    }

    @Test
    void an_empty_body_is_a_blob_too() throws Exception {
        BlobId stored = blobs().store(stream(new byte[0]));
        BlobId committed = blobs().begin().commit();
        assertThat(blobs().size(stored)).hasValue(0);
        assertThat(blobs().size(committed)).hasValue(0);
        assertThat(read(committed, 0, 0)).isEmpty();
    }

    @Test
    void a_body_that_breaks_off_is_not_stored() {
        InputStream cut = new SequenceInputStream(stream(HELLO), new Broken());
        assertThatThrownBy(() -> blobs().store(cut)).isInstanceOf(IOException.class);
        assertThat(stored()).isEmpty();
        assertThat(receiving()).isEmpty();
    }

    @Test
    void an_aborted_upload_is_forgotten() throws Exception {
        Receiving receiving = blobs().begin();
        receiving.append(0, stream(HELLO));
        assertThat(receiving()).containsExactly(receiving.id());
        receiving.abort();
        assertThat(receiving()).isEmpty();
        assertThat(blobs().receive(receiving.id()).offset()).isZero();
    }

    @Test
    void a_sweep_sees_what_is_stored_and_what_is_dropped_is_gone() throws Exception {
        BlobId one = blobs().store(stream(HELLO));
        BlobId two = blobs().store(stream(HELLO));
        assertThat(stored()).containsExactlyInAnyOrder(one, two);
        blobs().drop(one);
        blobs().drop(one);
        assertThat(stored()).containsExactly(two);
        assertRefused(BlobRefusal.NO_SUCH_BLOB, () -> blobs().read(one, 0, 1));
    }

    @Test
    void a_second_append_is_refused_while_one_is_under_way() throws Exception {
        try (Hanging first = new Hanging(blobs())) {
            assertRefused(
                    BlobRefusal.APPEND_IN_PROGRESS, () -> first.receiving.append(0, stream(HELLO)));
            assertRefused(BlobRefusal.APPEND_IN_PROGRESS, first.receiving::commit);
            first.pipe.close();
            assertThat(first.offset.get(10, TimeUnit.SECONDS)).isEqualTo(12);
        }
    }

    @Test
    void a_sender_that_reconnects_ends_its_older_append_and_goes_on() throws Exception {
        try (Hanging older = new Hanging(blobs())) {
            Receiving newer = blobs().receive(older.receiving.id());
            assertThat(newer.endOther(Duration.ofSeconds(10))).isEqualTo(12);
            assertThatThrownBy(() -> older.offset.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("taken this upload over");
            assertThat(newer.append(12, stream(HELLO))).isEqualTo(24);
        }
    }

    @Test
    void a_body_on_its_way_is_neither_ended_nor_forgotten_nor_cut_by_anybody() throws Exception {
        byte[] body = new byte[300_000];
        Arrays.fill(body, (byte) 7);
        int middle = 200_000;
        CountDownLatch inTheMiddle = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        InputStream slow =
                new SequenceInputStream(
                        stream(Arrays.copyOf(body, middle)),
                        new Held(
                                inTheMiddle,
                                goOn,
                                stream(Arrays.copyOfRange(body, middle, body.length))));
        Receiving storing = blobs().begin();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var stored = threads.submit(() -> storing.store(slow));
            assertThat(inTheMiddle.await(10, TimeUnit.SECONDS)).isTrue();
            Receiving other = blobs().receive(storing.id());
            assertThat(other.isUnderWay()).isTrue();
            assertRefused(BlobRefusal.APPEND_IN_PROGRESS, other::abort);
            assertRefused(
                    BlobRefusal.APPEND_IN_PROGRESS, () -> other.endOther(Duration.ofMillis(1)));
            assertRefused(BlobRefusal.APPEND_IN_PROGRESS, () -> other.append(0, stream(HELLO)));
            goOn.countDown();
            assertThat(stored.get(10, TimeUnit.SECONDS)).isEqualTo(storing.id());
            assertThat(other.isUnderWay()).isFalse();
        }
        assertThat(read(storing.id(), 0, body.length)).isEqualTo(body);
    }

    @Test
    void a_sweep_learns_when_bytes_last_came_and_not_only_when_they_began() throws Exception {
        Instant before = Instant.now().minusSeconds(2);
        // Begun in 1970, as its id says.
        BlobId old = new BlobId(new UUID(0x7000L, Long.MIN_VALUE));
        blobs().receive(old).append(0, stream(HELLO));
        blobs().eachReceiving(seen -> assertThat(seen.changedAt()).isAfter(before));
        assertThat(receiving()).containsExactly(old);
        blobs().receive(old).commit();
        blobs().eachStored(seen -> assertThat(seen.changedAt()).isAfter(before));
        assertThat(stored()).containsExactly(old);
    }

    protected byte[] read(BlobId id, long from, long length) throws IOException {
        try (BlobContent content = blobs().read(id, from, length)) {
            assertThat(content.length()).isEqualTo(length);
            return content.stream().readAllBytes();
        }
    }

    private List<BlobId> stored() {
        List<BlobId> seen = new ArrayList<>();
        blobs().eachStored(each -> seen.add(each.id()));
        return seen;
    }

    private List<BlobId> receiving() {
        List<BlobId> seen = new ArrayList<>();
        blobs().eachReceiving(each -> seen.add(each.id()));
        return seen;
    }

    protected static InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    private static void assertRefused(
            BlobRefusal expected, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(expected));
    }

    /** An append that has got twelve bytes and waits for more. */
    private static final class Hanging implements AutoCloseable {

        final Receiving receiving;
        final PipedOutputStream pipe = new PipedOutputStream();
        final CompletableFuture<Long> offset;
        private final java.util.concurrent.ExecutorService threads =
                Executors.newVirtualThreadPerTaskExecutor();

        Hanging(Blobs blobs) throws Exception {
            receiving = blobs.begin();
            var asked = new CountDownLatch(2);
            InputStream source =
                    new PipedInputStream(pipe) {
                        @Override
                        public synchronized int read(byte[] target, int from, int length)
                                throws IOException {
                            asked.countDown();
                            return super.read(target, from, length);
                        }

                        @Override
                        public void close() throws IOException {
                            // A pipe closed by its reader alone leaves a read waiting.
                            pipe.close();
                            super.close();
                        }
                    };
            pipe.write(HELLO);
            pipe.flush();
            offset =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return receiving.append(0, source);
                                } catch (IOException failure) {
                                    throw new java.io.UncheckedIOException(failure);
                                }
                            },
                            threads);
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        }

        @Override
        public void close() throws IOException {
            pipe.close();
            threads.close();
        }
    }

    /** Says when it is asked, and gives what it has when it is let. */
    private static final class Held extends InputStream {

        private final CountDownLatch asked;
        private final CountDownLatch goOn;
        private final InputStream rest;

        Held(CountDownLatch asked, CountDownLatch goOn, InputStream rest) {
            this.asked = asked;
            this.goOn = goOn;
            this.rest = rest;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            asked.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts", e);
            }
            return rest.read(target, from, length);
        }
    }

    private static final class Broken extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("the connection was cut");
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            return read();
        }
    }
}
