package dev.quintet.platform.blobs;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** A blob on its way to S3: parts that S3 has, and a local tail named after their number. */
final class S3Receiving implements Receiving {

    private final BlobId id;
    private final S3Blobs blobs;

    S3Receiving(BlobId id, S3Blobs blobs) {
        this.id = id;
        this.blobs = blobs;
    }

    @Override
    public BlobId id() {
        return id;
    }

    @Override
    public long offset() {
        Turn other = blobs.turns.get(id);
        OptionalLong known = other == null ? OptionalLong.empty() : other.durable();
        return known.orElseGet(() -> blobs.size(id).orElseGet(() -> State.of(id, blobs).durable()));
    }

    @Override
    public long append(long offset, InputStream source) throws IOException {
        Turn turn = take(Turn.append(source));
        try {
            return append(turn, offset, source);
        } catch (IOException broken) {
            if (turn.isEnded()) {
                throw BlobRefusal.APPEND_ENDED.because();
            }
            throw broken;
        } finally {
            give(turn);
        }
    }

    @Override
    public BlobId store(InputStream source) throws IOException {
        Turn turn = take(Turn.whole());
        try {
            append(turn, 0, source);
            complete();
            blobs.forgetUpload(id);
            return id;
        } catch (IOException | RuntimeException failure) {
            forget();
            throw failure;
        } finally {
            give(turn);
        }
    }

    @Override
    public boolean isUnderWay() {
        Turn other = blobs.turns.get(id);
        return other != null && !other.isBrief();
    }

    private long append(Turn turn, long offset, InputStream source) throws IOException {
        if (blobs.size(id).isPresent()) {
            throw BlobRefusal.ALREADY_COMMITTED.because(id);
        }
        State state = State.of(id, blobs);
        if (offset != state.durable()) {
            throw BlobRefusal.WRONG_OFFSET.because(state.durable(), offset);
        }
        turn.durable(state.durable());
        String upload = blobs.upload(id).orElseGet(() -> blobs.beginUpload(id));
        while (true) {
            Receiving tail = state.tail();
            long room = S3Blobs.PART - tail.offset();
            Limited limited = new Limited(source, room);
            if (room > 0) {
                tail.append(tail.offset(), limited);
            }
            if (turn.isEnded()) {
                throw BlobRefusal.APPEND_ENDED.because();
            }
            turn.durable(state.durable());
            if (tail.offset() < S3Blobs.PART) {
                return state.durable();
            }
            state = state.withPart(sendTail(state, upload));
        }
    }

    @Override
    public long endOther(Duration wait) {
        Turn other = blobs.turns.get(id);
        if (other != null && !other.end(wait)) {
            throw BlobRefusal.APPEND_IN_PROGRESS.because();
        }
        return offset();
    }

    @Override
    public BlobId commit() {
        Turn turn = take(Turn.brief());
        try {
            if (blobs.size(id).isEmpty()) {
                complete();
            }
            blobs.forgetUpload(id);
            return id;
        } finally {
            give(turn);
        }
    }

    private void complete() {
        State state = State.of(id, blobs);
        String upload = blobs.upload(id).orElseGet(() -> blobs.beginUpload(id));
        // An empty last part is allowed, and the only one of an empty blob.
        State whole =
                state.tail().offset() > 0 || state.parts.isEmpty()
                        ? state.withPart(sendTail(state, upload))
                        : state;
        blobs.s3.completeMultipartUpload(complete ->
                complete.bucket(blobs.bucket)
                        .key(id.toString())
                        .uploadId(upload)
                        .multipartUpload(parts -> parts.parts(whole.parts)));
    }

    private CompletedPart sendTail(State state, String upload) {
        Receiving tail = state.tail();
        long length = tail.offset();
        BlobId stored = tail.commit();
        int number = state.parts.size() + 1;
        try (BlobContent content = blobs.tails.read(stored, 0, length)) {
            String tag =
                    blobs.s3
                            .uploadPart(
                                    part ->
                                            part.bucket(blobs.bucket)
                                                    .key(id.toString())
                                                    .uploadId(upload)
                                                    .partNumber(number),
                                    RequestBody.fromInputStream(content.stream(), length))
                            .eTag();
            blobs.tails.drop(stored);
            return CompletedPart.builder().partNumber(number).eTag(tag).build();
        }
    }

    @Override
    public void abort() {
        Turn turn = take(Turn.brief());
        try {
            forget();
        } finally {
            give(turn);
        }
    }

    private void forget() {
        State.of(id, blobs).tail().abort();
        blobs.upload(id)
                .ifPresent(upload ->
                        blobs.s3.abortMultipartUpload(abort ->
                                abort.bucket(blobs.bucket).key(id.toString()).uploadId(upload)));
        blobs.forgetUpload(id);
    }

    /** The last part that S3 has, the local tail, or the beginning, whichever was latest. */
    Instant changedAt() {
        List<Instant> all = new ArrayList<>();
        blobs.begunAt(id).ifPresent(all::add);
        blobs.tails.eachReceiving(seen -> {
            if (seen.id().equals(State.of(id, blobs).tail().id())) {
                all.add(seen.changedAt());
            }
        });
        blobs.upload(id)
                .ifPresent(upload ->
                        blobs.s3
                                .listPartsPaginator(list ->
                                        list.bucket(blobs.bucket)
                                                .key(id.toString())
                                                .uploadId(upload))
                                .parts()
                                .forEach(part -> all.add(part.lastModified())));
        return all.stream().max(Comparator.naturalOrder()).orElse(Instant.EPOCH);
    }

    private Turn take(Turn turn) {
        if (blobs.turns.putIfAbsent(id, turn) != null) {
            throw BlobRefusal.APPEND_IN_PROGRESS.because();
        }
        return turn;
    }

    private void give(Turn turn) {
        blobs.turns.remove(id);
        turn.over();
    }

    /** What S3 has, and the tail behind it. */
    private record State(BlobId id, S3Blobs blobs, List<CompletedPart> parts, long sent) {

        static State of(BlobId id, S3Blobs blobs) {
            List<CompletedPart> parts = new ArrayList<>();
            long[] sent = {0};
            blobs.upload(id)
                    .ifPresent(upload ->
                            blobs.s3
                                    .listPartsPaginator(list ->
                                            list.bucket(blobs.bucket)
                                                    .key(id.toString())
                                                    .uploadId(upload))
                                    .parts()
                                    .forEach(part -> {
                                        parts.add(
                                                CompletedPart.builder()
                                                        .partNumber(part.partNumber())
                                                        .eTag(part.eTag())
                                                        .build());
                                        sent[0] += part.size();
                                    }));
            return new State(id, blobs, List.copyOf(parts), sent[0]);
        }

        State withPart(CompletedPart part) {
            List<CompletedPart> more = new ArrayList<>(parts);
            more.add(part);
            return new State(id, blobs, List.copyOf(more), sent + S3Blobs.PART);
        }

        /** Also names a tail that is committed but not sent: it is full, and is sent next. */
        Receiving tail() {
            String name = id + "/" + parts.size();
            UUID uuid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
            return blobs.tails.receive(new BlobId(uuid));
        }

        long durable() {
            return sent + tail().offset();
        }
    }

    /** As much of a stream as one part takes; not closed with it. */
    private static final class Limited extends FilterInputStream {

        private long left;

        Limited(InputStream source, long limit) {
            super(source);
            this.left = limit;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = super.read(target, from, (int) Math.min(left, length));
            left -= Math.max(0, read);
            return read;
        }

        @Override
        public void close() {
            // Its owner closes the source.
        }
    }
}
