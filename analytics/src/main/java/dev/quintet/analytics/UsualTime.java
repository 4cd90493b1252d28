package dev.quintet.analytics;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.Month;
import java.time.Year;
import java.time.ZoneOffset;

/** {@code 2026-11-21T10:00:00.000Z}, as JavaScript writes times: read without a formatter. */
final class UsualTime {

    private static final String FORM = "dddd-dd-ddTdd:dd:dd.dddZ";

    private UsualTime() {}

    static boolean fits(String text) {
        if (text.length() != FORM.length()) {
            return false;
        }
        for (int at = 0; at < FORM.length(); at++) {
            char form = FORM.charAt(at);
            char c = text.charAt(at);
            if (form == 'd' ? c < '0' || c > '9' : c != form) {
                return false;
            }
        }
        return inRange(text);
    }

    private static boolean inRange(String text) {
        int month = digits(text, 5, 7);
        int day = digits(text, 8, 10);
        return month >= 1
                && month <= 12
                && day >= 1
                && day <= Month.of(month).length(Year.isLeap(digits(text, 0, 4)))
                && digits(text, 11, 13) < 24
                && digits(text, 14, 16) < 60
                && digits(text, 17, 19) < 60;
    }

    static Instant parse(String text) {
        LocalDate day = LocalDate.of(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10));
        LocalTime time =
                LocalTime.of(
                        digits(text, 11, 13),
                        digits(text, 14, 16),
                        digits(text, 17, 19),
                        digits(text, 20, 23) * 1_000_000);
        return day.atTime(time).toInstant(ZoneOffset.UTC);
    }

    private static int digits(String text, int from, int to) {
        int number = 0;
        for (int at = from; at < to; at++) {
            number = 10 * number + text.charAt(at) - '0';
        }
        return number;
    }
}
