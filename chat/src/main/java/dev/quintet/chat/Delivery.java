package dev.quintet.chat;

import dev.quintet.platform.http.Frame;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One message on its way to many sockets: each form is encoded once and shared by all. */
public final class Delivery {

    /** The forms in which a message travels. */
    public enum Form {
        JSON,
        PROTOBUF
    }

    private final Message message;
    // Two threads may encode the same at once; equal bytes do no harm.
    private volatile @Nullable Frame json;
    private volatile @Nullable Frame protobuf;

    public Delivery(Message message) {
        this.message = message;
    }

    public Message message() {
        return message;
    }

    public Frame frame(Form form, Function<Message, Frame> encoder) {
        Frame made =
                switch (form) {
                    case JSON -> json;
                    case PROTOBUF -> protobuf;
                };
        return made != null ? made : encode(form, encoder.apply(message));
    }

    private Frame encode(Form form, Frame made) {
        switch (form) {
            case JSON -> json = made;
            case PROTOBUF -> protobuf = made;
        }
        return made;
    }
}
