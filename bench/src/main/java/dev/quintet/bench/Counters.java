package dev.quintet.bench;

import java.util.Map;

/** The server's own figures, as {@code /metrics} shows them at one moment. */
record Counters(String text) {

    static Counters of(Wire wire) {
        return new Counters(
                wire.exchange(Wire.request("GET", "/metrics", Map.of(), new byte[0]))
                        .require(200)
                        .body());
    }

    /** The sum of all samples whose name and labels begin so; one that is not there is refused. */
    double sum(String start) {
        double[] values =
                text.lines()
                        .filter(line -> line.startsWith(start))
                        .mapToDouble(line ->
                                Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                        .toArray();
        if (values.length == 0) {
            throw new IllegalStateException("the server has no figure " + start);
        }
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
