package dev.quintet.chat.centrifugo;

import dev.quintet.chat.Chat;
import dev.quintet.chat.Message;
import dev.quintet.chat.ShownMessage;
import dev.quintet.platform.caller.Caller;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The {@code history} command: a stretch of a room after or, reversed, before a position. */
final class HistoryCall {

    static final int MOST = 200;

    private HistoryCall() {}

    static Reply answer(Chat chat, Caller caller, Command.History call) {
        Optional<UUID> room = Seats.room(call.channel());
        if (room.isEmpty()) {
            return new Reply.Failed(call.id(), ProtocolError.UNKNOWN_CHANNEL);
        }
        int limit = call.limit() < 0 ? MOST : Math.min(call.limit(), MOST);
        Chat.History history =
                call.reverse()
                        ? chat.before(
                                caller,
                                room.get(),
                                call.since().map(Command.Position::offset).orElse(Long.MAX_VALUE),
                                limit)
                        : chat.after(
                                caller,
                                room.get(),
                                call.since().map(Command.Position::offset).orElse(0L),
                                limit);
        String epoch = history.room().epoch();
        boolean valid =
                call.since().map(Command.Position::epoch).stream()
                        .allMatch(known -> known.isEmpty() || known.equals(epoch));
        return valid
                ? new Reply.History(
                        call.id(),
                        publications(history.messages()),
                        history.room().lastSeq(),
                        epoch)
                : new Reply.Failed(call.id(), ProtocolError.UNRECOVERABLE_POSITION);
    }

    static List<Reply.Publication> publications(List<Message> messages) {
        return messages.stream()
                .map(one -> new Reply.Publication(one.seq(), ShownMessage.of(one).json()))
                .toList();
    }
}
