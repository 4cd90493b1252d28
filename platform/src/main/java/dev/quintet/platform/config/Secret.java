package dev.quintet.platform.config;

/** A setting that must not be shown: it prints as {@code ***}, also inside of records. */
public record Secret(String reveal) {

    @Override
    public String toString() {
        return "***";
    }
}
