package dev.quintet.notify.channels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.quintet.notify.ChannelKind;
import dev.quintet.notify.Delivery;
import dev.quintet.notify.Message;
import dev.quintet.notify.Outcome;
import dev.quintet.notify.Priority;
import dev.quintet.notify.ScriptedSmtp;
import dev.quintet.notify.ScriptedSmtp.Behaviour;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A mail server that never answers costs one attempt its time, and no mail. */
final class EmailTest {

    private static final Duration LIMIT = Duration.ofMillis(300);
    private static final UUID DELIVERY = new UUID(1, 2);

    @Test
    void a_server_that_never_answers_is_left_within_the_limit_and_tried_again_later()
            throws Exception {
        try (ScriptedSmtp hanging = new ScriptedSmtp(Behaviour.HANG);
                ScriptedSmtp healthy = new ScriptedSmtp(Behaviour.ACCEPT)) {
            long began = System.nanoTime();
            Outcome hung = attempt(hanging, 1);
            assertThat(hung).isInstanceOf(Outcome.RetryLater.class);
            assertThat(hung.detail()).contains(hanging.url());
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(LIMIT.dividedBy(2), LIMIT.multipliedBy(10));

            assertThat(attempt(healthy, 2)).isInstanceOf(Outcome.Delivered.class);
            assertThat(attempt(healthy, 3)).isInstanceOf(Outcome.Delivered.class);
            assertThat(healthy.seen()).extracting(ScriptedSmtp.Mail::messageId).hasSize(2);
            assertThat(healthy.seen().getFirst().messageId())
                    .isEqualTo(healthy.seen().getLast().messageId());
        }
    }

    @Test
    void a_server_that_drips_is_left_at_the_end_of_the_attempts_time() throws Exception {
        try (ScriptedSmtp dripping = new ScriptedSmtp(Behaviour.DRIP)) {
            long began = System.nanoTime();
            Outcome late =
                    assertTimeoutPreemptively(
                            Duration.ofSeconds(20),
                            () -> attempt(dripping, 1, Duration.ofSeconds(1)));
            assertThat(late).isInstanceOf(Outcome.RetryLater.class);
            assertThat(late.detail()).contains(dripping.url(), "timed out, not done in 1 s");
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofMillis(900), Duration.ofSeconds(5));
        }
    }

    private static Outcome attempt(ScriptedSmtp server, int attempt) {
        return attempt(server, attempt, Duration.ofSeconds(60));
    }

    private static Outcome attempt(ScriptedSmtp server, int attempt, Duration whole) {
        Email email =
                new Email(
                        SmtpServer.of(server.url()).answeringWithin(LIMIT).attemptedWithin(whole),
                        "Quintet <no-reply@example.org>");
        try {
            return email.attempt(
                    new Delivery(
                            DELIVERY,
                            new UUID(3, 4),
                            new UUID(5, 6),
                            Priority.HIGH,
                            ChannelKind.EMAIL,
                            "ada@example.org",
                            attempt),
                    new Message(Optional.empty(), "Hello", "It works.", Instant.EPOCH));
        } finally {
            email.close();
        }
    }
}
