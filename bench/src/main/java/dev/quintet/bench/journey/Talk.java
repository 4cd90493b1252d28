package dev.quintet.bench.journey;

import io.github.centrifugal.centrifuge.Client;
import io.github.centrifugal.centrifuge.ClientState;
import io.github.centrifugal.centrifuge.ConnectingEvent;
import io.github.centrifugal.centrifuge.DisconnectedEvent;
import io.github.centrifugal.centrifuge.EventListener;
import io.github.centrifugal.centrifuge.Options;
import io.github.centrifugal.centrifuge.ServerPublicationEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;

/**
 * chat: Ada sends over REST, Bob listens by the stock client. History must hold each acknowledged
 * message once under its number, and Bob must have read the same.
 */
final class Talk implements Actor {

    private final Calls calls;
    private final Tally tally;
    private final Cast cast;
    private final String room;
    private final Client bob;
    private final Map<String, Long> acknowledged = new HashMap<>();
    private final List<Long> heard = new CopyOnWriteArrayList<>();
    private final List<String> broke = new CopyOnWriteArrayList<>();

    Talk(Cast cast, Tally tally) {
        this.calls = cast.calls();
        this.tally = tally;
        this.cast = cast;
        this.room =
                calls.json(
                                tally,
                                cast.ada().token(),
                                "POST",
                                "/api/v1/chat/rooms",
                                "{\"kind\":\"group\",\"name\":\"journey\",\"members\":[\"%s\"]}"
                                        .formatted(cast.bob().id()))
                        .get("id")
                        .asString();
        Options options = new Options();
        options.setToken(cast.bob().token());
        options.setMinReconnectDelay(50);
        options.setMaxReconnectDelay(500);
        String address = calls.at("/connection/websocket").toString().replace("http", "ws");
        this.bob = new Client(address, options, new Ear());
        bob.connect();
        // He hears what is sent from now on.
        Calls.until("Bob listens", () -> bob.getState() == ClientState.CONNECTED);
    }

    private final class Ear extends EventListener {
        @Override
        public void onPublication(Client client, ServerPublicationEvent event) {
            if (event.getChannel().contains(room)) {
                heard.add(event.getOffset());
            }
        }

        @Override
        public void onConnecting(Client client, ConnectingEvent event) {
            broke.add(event.getCode() + " " + event.getReason());
        }

        @Override
        public void onDisconnected(Client client, DisconnectedEvent event) {
            // 0 is our own close at the end.
            if (event.getCode() != 0) {
                calls.wrong(
                        "chat: Bob was sent away for good: "
                                + event.getCode()
                                + " "
                                + event.getReason());
            }
        }
    }

    @Override
    public void act() {
        String id = "m" + acknowledged.size();
        JsonNode sent =
                calls.json(
                        tally,
                        cast.ada().token(),
                        "POST",
                        messages(),
                        "{\"clientId\":\"%s\",\"text\":\"%s\"}".formatted(id, id));
        acknowledged.put(id, sent.get("seq").asLong());
        tally.acknowledge();
    }

    private String messages() {
        return "/api/v1/chat/rooms/" + room + "/messages";
    }

    @Override
    public void check() {
        Map<String, Long> stored = new HashMap<>();
        String bearer = cast.adasToken();
        String after = "0";
        for (boolean more = true; more; ) {
            JsonNode page =
                    calls.json(tally, bearer, "GET", messages() + "?limit=200&after=" + after, "");
            for (JsonNode message : page.get("items")) {
                String text = message.get("text").asString();
                if (stored.put(text, message.get("seq").asLong()) != null) {
                    calls.wrong("chat: " + text + " is stored twice");
                }
            }
            more = page.hasNonNull("next");
            after = page.path("next").asString("");
        }
        if (!stored.equals(acknowledged)) {
            calls.wrong(
                    "chat: history holds %d, acknowledged were %d, or their numbers differ"
                            .formatted(stored.size(), acknowledged.size()));
        }
        List<Long> numbers = LongStream.rangeClosed(1, stored.size()).boxed().toList();
        boolean all = Calls.happened(() -> heard.size() >= numbers.size());
        if (!all || !heard.equals(numbers)) {
            calls.wrong(
                    "chat: Bob heard %d of %d, broken off by %s; from %s on otherwise"
                            .formatted(heard.size(), numbers.size(), broke, firstOdd(numbers)));
        }
    }

    private String firstOdd(List<Long> numbers) {
        for (int at = 0; at < Math.min(heard.size(), numbers.size()); at++) {
            if (!heard.get(at).equals(numbers.get(at))) {
                return heard.get(at) + " instead of " + numbers.get(at);
            }
        }
        return "their end";
    }

    @Override
    public void close() {
        try {
            bob.close(2000);
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(nobodyInterrupts);
        }
    }
}
