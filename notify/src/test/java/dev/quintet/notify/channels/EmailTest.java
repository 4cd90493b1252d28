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
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
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

    @Test
    void no_character_of_an_address_is_lost_on_its_way_to_the_envelope() throws Exception {
        try (ScriptedSmtp plain = new ScriptedSmtp(Behaviour.ACCEPT);
                ScriptedSmtp utf8 = new ScriptedSmtp(Behaviour.ACCEPT).offeringSmtpUtf8()) {
            for (String address :
                    List.of(
                            "\u0161\u0164\u016d\u0169\u016e@example.com",
                            "\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a",
                            "\u00fc@example.com",
                            "a\u010d\u010aRCPT@example.com")) {
                Outcome refused = mail(plain, address, "Hello");
                assertThat(refused).as(address).isInstanceOf(Outcome.Refused.class);
                assertThat(refused.detail()).contains("SMTPUTF8");
                assertThat(mail(utf8, address, "Hello")).isInstanceOf(Outcome.Delivered.class);
            }
            assertThat(plain.commands())
                    .noneMatch(line -> line.startsWith("RCPT") || line.startsWith("MAIL"));
            assertThat(utf8.commands().stream().filter(line -> line.startsWith("RCPT")))
                    .containsExactly(
                            "RCPT TO:<\u0161\u0164\u016d\u0169\u016e@example.com>",
                            "RCPT TO:<\u7528\u6237@xn--fsqu00a.xn--4rr70v>",
                            "RCPT TO:<\u00fc@example.com>",
                            "RCPT TO:<a\u010d\u010aRCPT@example.com>");
            assertThat(utf8.commands().stream().filter(line -> line.startsWith("MAIL")))
                    .allMatch(line -> line.endsWith(" SMTPUTF8"));
            assertThat(utf8.seen().getFirst().text())
                    .contains("To: \u0161\u0164\u016d\u0169\u016e@example.com");
        }
    }

    @Test
    void a_domain_goes_out_in_a_labels_and_asks_for_no_extension() throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(Behaviour.ACCEPT).offeringSmtpUtf8()) {
            assertThat(mail(server, "ada@b\u00fccher.example", "Hello"))
                    .isInstanceOf(Outcome.Delivered.class);
            assertThat(server.commands())
                    .contains("RCPT TO:<ada@xn--bcher-kva.example>")
                    .noneMatch(line -> line.contains("SMTPUTF8"));
        }
    }

    @Test
    void what_is_no_address_fails_at_once() throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(Behaviour.ACCEPT).offeringSmtpUtf8()) {
            for (String none :
                    List.of("a\u010d\u010aRCPT TO:<x@y.z>", "a\r\nRCPT TO:<x@y.z>", "nobody", "")) {
                assertThat(mail(server, none, "Hello")).isInstanceOf(Outcome.Refused.class);
            }
            assertThat(server.commands()).isEmpty();
        }
    }

    @Test
    void only_what_is_said_of_the_recipient_or_the_mail_is_for_good() throws Exception {
        record Case(Behaviour where, String said, Class<? extends Outcome> comesTo) {}
        Class<? extends Outcome> waits = Outcome.RetryLater.class;
        Class<? extends Outcome> fails = Outcome.Refused.class;
        for (Case each :
                List.of(
                        new Case(Behaviour.REFUSE_GREETING, "554 no service here", waits),
                        new Case(
                                Behaviour.REFUSE_SENDER,
                                "530 5.7.0 Authentication required",
                                waits),
                        new Case(Behaviour.REFUSE_SENDER, "550 sender not allowed", waits),
                        new Case(Behaviour.REFUSE_SENDER, "553 5.1.8 no such domain", waits),
                        new Case(Behaviour.REFUSE_RECIPIENT, "550 5.1.1 no such user", fails),
                        new Case(Behaviour.REFUSE_RECIPIENT, "550 no such user", fails),
                        new Case(Behaviour.REFUSE_RECIPIENT, "451 4.2.1 busy", waits),
                        new Case(
                                Behaviour.REFUSE_RECIPIENT, "554 5.7.1 relay access denied", waits),
                        new Case(Behaviour.REFUSE_RECIPIENT, "530 authenticate first", waits),
                        new Case(Behaviour.REFUSE_FOR_GOOD, "552 5.3.4 message too big", fails),
                        new Case(Behaviour.REFUSE_FOR_GOOD, "554 5.6.0 content refused", fails),
                        new Case(
                                Behaviour.REFUSE_FOR_GOOD,
                                "550 5.7.26 unauthenticated sender",
                                waits))) {
            try (ScriptedSmtp server = new ScriptedSmtp(each.where()).refusingBy(each.said())) {
                Outcome outcome = mail(server, "ada@example.org", "Hello");
                assertThat(outcome).as(each.toString()).isInstanceOf(each.comesTo());
                assertThat(outcome.detail()).contains(each.said());
            }
        }
    }

    @Test
    void a_title_that_looks_like_an_encoded_word_arrives_as_it_is() throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(Behaviour.ACCEPT)) {
            List<String> titles =
                    List.of(
                            "=?utf-8?q?evil?=",
                            "Re: =?utf-8?q?" + "evil?= ".repeat(30),
                            "\u00fc =?utf-8?q?evil?=",
                            "a plain one",
                            "\u3053".repeat(100));
            for (String title : titles) {
                mail(server, "ada@example.org", title);
                MimeMessage arrived =
                        new MimeMessage(
                                Session.getInstance(new Properties()),
                                new ByteArrayInputStream(
                                        server.seen()
                                                .getLast()
                                                .text()
                                                .getBytes(StandardCharsets.UTF_8)));
                assertThat(arrived.getSubject()).isEqualTo(title);
                assertThat(arrived.getHeader("Subject")[0].lines())
                        .allMatch(line -> line.length() <= 78)
                        .noneMatch(line -> line.contains("=?utf-8?q?"));
            }
        }
    }

    private static Outcome mail(ScriptedSmtp server, String to, String title) {
        return attempt(server, 1, Duration.ofSeconds(60), to, title);
    }

    private static Outcome attempt(ScriptedSmtp server, int attempt) {
        return attempt(server, attempt, Duration.ofSeconds(60));
    }

    private static Outcome attempt(ScriptedSmtp server, int attempt, Duration whole) {
        return attempt(server, attempt, whole, "ada@example.org", "Hello");
    }

    private static Outcome attempt(
            ScriptedSmtp server, int attempt, Duration whole, String to, String title) {
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
                            to,
                            attempt),
                    new Message(Optional.empty(), title, "It works.", Instant.EPOCH));
        } finally {
            email.close();
        }
    }
}
