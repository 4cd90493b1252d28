package dev.quintet.platform.http;

/** Decides whether a request becomes a WebSocket; a refusal is told as any other. */
@FunctionalInterface
public interface Upgrade {
    Listener accept(Request request) throws Exception;
}
