package dev.quintet.bench.journey;

/** What befalls the server under its clients. */
public enum Blow {
    /** kill -9 of the server alone; PostgreSQL lives on. */
    SERVER,
    /** kill -9 of PostgreSQL alone; the server goes on and has to bring it back. */
    POSTGRES,
    /** kill -9 of all processes at once. */
    GROUP,
    /** SIGTERM with 200 sockets and a half-done upload. */
    DRAIN
}
