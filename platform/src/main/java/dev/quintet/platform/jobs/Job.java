package dev.quintet.platform.jobs;

import java.util.UUID;

/**
 * A piece of work that is being done. It may be done again after a crash: its effect is made single
 * by the id.
 *
 * @param attempt counts from 1
 */
public record Job(UUID id, UUID organisation, String kind, String payload, int attempt) {

    /** Does one kind of work; what it throws is retried. */
    @FunctionalInterface
    public interface Handler {

        void run(Job job);
    }

    /** A job that failed for good: somebody has to look, and then {@link Jobs#retry}. */
    public record Dead(UUID id, UUID organisation, String kind, int attempts, String error) {}
}
