package dev.quintet.platform.caller;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Remembers answers for as long as nobody has raised their version: one load at a time for each
 * key, on a virtual thread of its own, so that no lock of the map is held while it waits.
 */
public final class VersionedCache<K, V> {

    private static final Executor THREADS =
            task -> Thread.ofVirtual().name("cache-load").start(task);

    private record Loaded<V>(Versions.Stamp stamp, V value) {}

    private final Versions versions;
    private final String name;
    private final AsyncCache<K, Loaded<V>> cache;

    /**
     * @param name what is raised when an answer changes
     * @param most answers kept
     * @param longest how long an answer counts even if nothing is raised
     */
    public VersionedCache(Versions versions, String name, int most, Duration longest) {
        this.versions = versions;
        this.name = name;
        this.cache =
                Caffeine.newBuilder()
                        .maximumSize(most)
                        .expireAfterWrite(longest)
                        .executor(THREADS)
                        .buildAsync();
    }

    public V get(K key, Function<K, V> load) {
        while (true) {
            Versions.Stamp now = versions.current(name);
            CompletableFuture<Loaded<V>> found =
                    cache.get(
                            key, asked -> new Loaded<>(versions.current(name), load.apply(asked)));
            Loaded<V> loaded = join(found);
            if (loaded.stamp().equals(now) || loaded.stamp().equals(versions.current(name))) {
                return loaded.value();
            }
            cache.asMap().remove(key, found);
        }
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException reason) {
                throw reason;
            }
            throw failed;
        }
    }
}
