package dev.quintet.bench.journey;

import dev.quintet.bench.QuintetProcess.Victim;

/** What befalls the server under its clients. */
public enum Blow {
    /** kill -9 of the server alone; PostgreSQL lives on. */
    SERVER(Victim.SERVER),
    /** kill -9 of PostgreSQL alone; the server goes on and has to bring it back. */
    POSTGRES(Victim.POSTGRES),
    /** kill -9 of all processes at once. */
    GROUP(Victim.GROUP),
    /** SIGTERM with 200 sockets and a half-done upload. */
    DRAIN(Victim.GROUP);

    private final Victim victim;

    Blow(Victim victim) {
        this.victim = victim;
    }

    Victim victim() {
        return victim;
    }
}
