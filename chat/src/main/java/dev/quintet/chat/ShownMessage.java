package dev.quintet.chat;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A message as clients get it, live and from history alike.
 *
 * @param type {@code message}, or {@code erased} for a tombstone, which has neither sender nor text
 */
public record ShownMessage(
        String type,
        long seq,
        String id,
        Optional<String> sender,
        String text,
        List<String> mentions,
        Instant at) {

    public static ShownMessage of(Message message) {
        return new ShownMessage(
                message.erased() ? "erased" : "message",
                message.seq(),
                Message.ID.show(message.id()),
                message.sender().map(IdKind.PERSON::show),
                message.text(),
                message.mentions().stream().map((UUID id) -> IdKind.PERSON.show(id)).toList(),
                message.at());
    }

    public String json() {
        return new String(Json.write(this), StandardCharsets.UTF_8);
    }
}
