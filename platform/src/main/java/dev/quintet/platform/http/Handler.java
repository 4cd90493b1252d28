package dev.quintet.platform.http;

/** Answers one request in plain blocking code, on the request's own virtual thread. */
@FunctionalInterface
public interface Handler {
    Response handle(Request request) throws Exception;
}
