package dev.quintet.auth;

import static dev.quintet.auth.AuthRefusal.HASHES_BUSY;

import dev.quintet.platform.Refused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Makes and checks password hashes on a pool of its own, as wide as there are cores: a hash holds a
 * core for tens of milliseconds and its memory all that time, so the queue is short and what does
 * not fit is refused at once.
 */
final class PasswordHashes implements AutoCloseable {

    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    // About two seconds of work: a person waits that long, a flood does not pile up behind it.
    private static final int WAITING_PER_CORE = 40;

    private final ThreadPoolExecutor pool;
    private final SecureRandom random;
    private final Argon2Cost cost;
    private final PasswordHash dummy;

    PasswordHashes(SecureRandom random, Argon2Cost cost) {
        this(random, cost, Runtime.getRuntime().availableProcessors());
    }

    PasswordHashes(SecureRandom random, Argon2Cost cost, int cores) {
        this.random = random;
        this.cost = cost;
        this.pool =
                new ThreadPoolExecutor(
                        cores,
                        cores,
                        1,
                        TimeUnit.MINUTES,
                        new ArrayBlockingQueue<>(cores * WAITING_PER_CORE),
                        Thread.ofPlatform().name("auth-hash-", 1).daemon().factory());
        pool.allowCoreThreadTimeOut(true);
        this.dummy = PasswordHash.of(cost, salt(), new byte[HASH_BYTES]);
    }

    /** A new hash of the password, to be stored. */
    PasswordHash hash(String password) {
        byte[] salt = salt();
        return onPool(() -> PasswordHash.of(cost, salt, argon2id(password, cost, salt)));
    }

    /** Whether the password is the one that the hash was made of. */
    boolean matches(String password, PasswordHash hash) {
        return onPool(() ->
                MessageDigest.isEqual(
                        argon2id(password, hash.cost(), hash.saltBytes()), hash.hashBytes()));
    }

    /**
     * Never true, and as much work as a check: for users who do not exist or have no password, so
     * that time does not tell who does.
     */
    boolean matchesNobody(String password) {
        return matches(password, dummy);
    }

    /** Refuses when there is no room for another check, before anything is counted or read. */
    void requireRoom() {
        if (pool.getQueue().remainingCapacity() == 0) {
            throw full();
        }
    }

    private static Refused full() {
        return HASHES_BUSY.because().retryAfter(Duration.ofSeconds(2));
    }

    private <T> T onPool(Callable<T> work) {
        Future<T> done;
        try {
            done = pool.submit(work);
        } catch (RejectedExecutionException full) {
            throw full();
        }
        try {
            return done.get();
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
