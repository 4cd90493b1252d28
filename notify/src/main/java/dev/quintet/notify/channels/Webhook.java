package dev.quintet.notify.channels;

import dev.quintet.notify.Channel;
import dev.quintet.notify.ChannelKind;
import dev.quintet.notify.Delivery;
import dev.quintet.notify.Endpoints;
import dev.quintet.notify.Message;
import dev.quintet.notify.Outcome;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Refused;
import dev.quintet.platform.egress.Egress;
import dev.quintet.platform.egress.EgressRequest;
import dev.quintet.platform.egress.EgressResponse;
import dev.quintet.platform.http.HttpDates;
import dev.quintet.platform.http.Json;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Standard Webhooks: {@code {type, timestamp, data}}, signed, with one {@code webhook-id} for all
 * attempts. Any 2xx takes it, whatever follows; 410 is for good (Standard Webhooks, "Operational
 * considerations"); everything else is tried again.
 */
public final class Webhook implements Channel {

    private static final IdKind MESSAGE = new IdKind("msg", "webhook message");
    private static final String PLAIN_TYPE = "notification";

    private final Endpoints endpoints;
    private final Function<Delivery, Egress> egress;
    private final InstantSource time;

    /**
     * @param egress which client carries a delivery, so that bulk cannot take a critical one's
     *     connections
     */
    public Webhook(Endpoints endpoints, Function<Delivery, Egress> egress, InstantSource time) {
        this.endpoints = endpoints;
        this.egress = egress;
        this.time = time;
    }

    @Override
    public ChannelKind kind() {
        return ChannelKind.WEBHOOK;
    }

    @Override
    public Outcome attempt(Delivery delivery, Message message) {
        Optional<Endpoints.Target> target =
                endpoints.target(delivery.organisation(), UUID.fromString(delivery.address()));
        if (target.isEmpty()) {
            return new Outcome.Skipped("the endpoint was deleted");
        }
        Endpoints.Endpoint endpoint = target.get().endpoint();
        String type = message.category().orElse(PLAIN_TYPE);
        if (endpoint.disabledBecause().isPresent()) {
            return new Outcome.Skipped(
                    "the endpoint is disabled: "
                            + endpoint.disabledBecause().get()
                            + "; it can be enabled again");
        }
        if (!endpoint.takes(type)) {
            return new Outcome.Skipped("the endpoint does not take events of type '" + type + "'");
        }
        try {
            byte[] body = body(type, delivery, message);
            Map<String, String> headers =
                    new LinkedHashMap<>(
                            StandardWebhook.headers(
                                    target.get().secret(),
                                    MESSAGE.show(delivery.id()),
                                    time.instant(),
                                    body));
            headers.put("Content-Type", "application/json");
            return judge(
                    egress.apply(delivery)
                            .sendForStatus(EgressRequest.post(endpoint.url(), headers, body)));
        } catch (Refused unreachable) {
            return new Outcome.RetryLater(unreachable.detail());
        }
    }

    /** The same bytes for every attempt. */
    private static byte[] body(String type, Delivery delivery, Message message) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("id", dev.quintet.notify.Notify.NOTIFICATION.show(delivery.notification()));
        data.put("title", message.title());
        data.put("body", message.body());
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", type);
        event.put("timestamp", message.at());
        event.put("data", data);
        return Json.write(event);
    }

    private Outcome judge(EgressResponse response) {
        String answer = "HTTP " + response.status();
        if (response.status() / 100 == 2) {
            return new Outcome.Delivered(answer);
        }
        if (response.status() == 410) {
            return new Outcome.Gone(answer + ": the receiver wants no more");
        }
        return new Outcome.RetryLater(
                answer, response.header("retry-after").flatMap(this::retryAfter));
    }

    /** A number of seconds or a date (RFC 9110 section 10.2.3). */
    private Optional<Duration> retryAfter(String text) {
        String said = text.strip();
        if (said.matches("[0-9]{1,18}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(said)));
        }
        return HttpDates.parse(said)
                .map(until -> Duration.between(time.instant(), until))
                .filter(Duration::isPositive);
    }
}
