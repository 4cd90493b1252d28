package dev.quintet.analytics.lake;

/** Another loader has taken over: this one must stop, and has changed nothing. */
public final class LoaderFenced extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LoaderFenced(String message) {
        super(message);
    }
}
