package dev.quintet.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/** Several measurements of one thing, at least one: their middle and how far they lie apart. */
final class Spread {

    private final double[] sorted;

    Spread(double[] measured) {
        if (measured.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        this.sorted = Arrays.stream(measured).sorted().toArray();
    }

    static Spread of(double... measured) {
        return new Spread(measured);
    }

    static Spread of(Collection<Double> measured) {
        return new Spread(measured.stream().mapToDouble(each -> each).toArray());
    }

    /** The middle one; between the two middle ones of an even count. */
    double median() {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** The smallest measurement that is not exceeded by the given share of all (nearest rank). */
    double percentile(double share) {
        if (share <= 0 || share > 1) {
            throw new IllegalArgumentException("not a share: " + share);
        }
        // 0.99 * 100 is 99.00000000000001 or less a hair: the rank must not jump for that.
        return sorted[(int) Math.ceil(share * sorted.length - 1e-9) - 1];
    }

    double least() {
        return sorted[0];
    }

    double most() {
        return sorted[sorted.length - 1];
    }

    /** Median and range, e.g. {@code 2.41 (2.38-2.60)}. */
    String shown() {
        return sorted.length == 1
                ? number(median())
                : number(median()) + " (" + number(least()) + "-" + number(most()) + ")";
    }

    /** Three digits that say something. */
    static String number(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }

    @Override
    public String toString() {
        return shown();
    }
}
