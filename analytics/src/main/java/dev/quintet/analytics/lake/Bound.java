package dev.quintet.analytics.lake;

/** The smallest and the largest value of a time in a file, in microseconds since 1970. */
public record Bound(long least, long most) {

    Bound with(Bound other) {
        return new Bound(Math.min(least, other.least), Math.max(most, other.most));
    }
}
