package dev.quintet.auth;

import static dev.quintet.auth.AuthRefusal.HASHES_BUSY;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Makes and checks password hashes on a pool of its own, as wide as there are cores: a hash holds a
 * core for tens of milliseconds and its memory all that time, so few may wait and who does not fit
 * is refused at once. This is the only bound on sign-ins at once.
 */
final class PasswordHashes implements AutoCloseable {

    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    // About two seconds of work: a person waits that long, a flood does not pile up behind it.
    private static final int WAITING_PER_CORE = 40;

    // As spaces of other kinds are typed for the same key (RFC 8265 section 4.2.2).
    private static final Pattern SPACES = Pattern.compile("\\p{Zs}");

    private final ThreadPoolExecutor pool;
    private final Semaphore room;
    private final SecureRandom random;
    private final Argon2Cost cost;

    // Of a sample of the hashes that are stored; a user who is none has one of them.
    private volatile List<Argon2Cost> stored;

    PasswordHashes(SecureRandom random, Argon2Cost cost) {
        this(random, cost, Runtime.getRuntime().availableProcessors());
    }

    PasswordHashes(SecureRandom random, Argon2Cost cost, int cores) {
        this.random = random;
        this.cost = cost;
        this.room = new Semaphore(cores * (1 + WAITING_PER_CORE));
        this.pool =
                new ThreadPoolExecutor(
                        cores,
                        cores,
                        1,
                        TimeUnit.MINUTES,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().name("auth-hash-", 1).daemon().factory());
        pool.allowCoreThreadTimeOut(true);
        this.stored = List.of(cost);
    }

    /** What comes of a check. */
    enum Match {
        NO,
        YES,
        /** The hash was made by a version that took the password as it was typed. */
        AS_TYPED
    }

    /** A place among those who hash or wait for it; what is done with it is done in turn. */
    final class Place implements AutoCloseable {

        private Place() {}

        /** A new hash of the password, to be stored. */
        PasswordHash hash(String password) {
            byte[] salt = salt();
            return onPool(
                    () -> PasswordHash.of(cost, salt, argon2id(normal(password), cost, salt)));
        }

        /** Whether the password is the one that the hash was made of. */
        Match matches(String password, PasswordHash hash) {
            String normal = normal(password);
            if (onPool(() -> isOf(normal, hash))) {
                return Match.YES;
            }
            return !normal.equals(password) && onPool(() -> isOf(password, hash))
                    ? Match.AS_TYPED
                    : Match.NO;
        }

        /**
         * Never true, and as much work as a check: for users who do not exist or have no password,
         * so that time does not tell who does.
         *
         * @param account under a key of ours; always the same one costs the same
         */
        Match matchesNobody(String password, String account) {
            matches(password, PasswordHash.of(costOfNobody(account), salt(), new byte[HASH_BYTES]));
            return Match.NO;
        }

        @Override
        public void close() {
            room.release();
        }
    }

    /** Refuses when there is no room, so before anything is counted, read or spent. */
    Place place() {
        if (!room.tryAcquire()) {
            throw HASHES_BUSY.because().retryAfter(Duration.ofSeconds(2));
        }
        return new Place();
    }

    /** Whether a hash should be made anew at the next sign-in. */
    boolean isWeaker(PasswordHash hash) {
        return work(hash.cost()) < work(cost);
    }

    private static long work(Argon2Cost cost) {
        return (long) cost.kibibytes() * cost.passes();
    }

    /** Costs that stored hashes have, as often as they have them. */
    void learn(List<Argon2Cost> sample) {
        stored =
                sample.isEmpty()
                        ? List.of(cost)
                        : sample.stream()
                                .sorted(Comparator.comparingLong(PasswordHashes::work))
                                .toList();
    }

    Argon2Cost costOfNobody(String account) {
        List<Argon2Cost> costs = stored;
        return costs.get(Math.floorMod(account.hashCode(), costs.size()));
    }

    /** As an OpaqueString (RFC 8265 section 4.2): one text however a keyboard composes it. */
    static String normal(String password) {
        return Normalizer.normalize(SPACES.matcher(password).replaceAll(" "), Normalizer.Form.NFC);
    }

    private static boolean isOf(String password, PasswordHash hash) {
        return MessageDigest.isEqual(
                argon2id(password, hash.cost(), hash.saltBytes()), hash.hashBytes());
    }

    private <T> T onPool(Callable<T> work) {
        try {
            return pool.submit(work).get();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a request", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("hashing failed", e.getCause());
        }
    }

    private byte[] salt() {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return salt;
    }

    private static byte[] argon2id(String password, Argon2Cost cost, byte[] salt) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(
                new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                        .withMemoryAsKB(cost.kibibytes())
                        .withIterations(cost.passes())
                        .withParallelism(cost.lanes())
                        .withSalt(salt)
                        .build());
        byte[] hash = new byte[HASH_BYTES];
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }

    /** Lets the hashes under way end; those that wait are refused with the pool. */
    @Override
    public void close() {
        pool.shutdown();
    }
}
