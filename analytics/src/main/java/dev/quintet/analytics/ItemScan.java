package dev.quintet.analytics;

import dev.quintet.analytics.Item.Kind;
import dev.quintet.analytics.Item.Member;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;

/**
 * Goes once through the text of a request, builds no tree and unfolds no value: it notes where the
 * items and their members lie, and which of them cannot be stored.
 */
final class ItemScan {

    private static final int DEEPEST = 500;
    private static final int LONGEST_NUMBER = 1_000;

    private final JsonText text;
    private final JsonParser parser;
    private final List<Item> batch = new ArrayList<>();
    private final List<Span> writeKeys = new ArrayList<>();
    private final List<Names> levels = new ArrayList<>();
    private boolean hasBatch;
    private int items;

    // Of the value that was passed last.
    private int depth;
    private int longestNumber;
    private boolean repeats;

    private ItemScan(JsonText text, JsonParser parser) {
        this.text = text;
        this.parser = parser;
    }

    /** A piece of the text, in characters. */
    record Span(int begin, int end) {}

    /**
     * @param request the whole of it as one item
     * @param hasBatch whether its {@code batch} is a list
     * @param items how many it has
     * @param batch the first {@value Submission#MAX_ITEMS} of them
     * @param writeKeys where values lie that are or should be write keys, in order
     */
    record Scanned(
            Item request, boolean hasBatch, int items, List<Item> batch, List<Span> writeKeys) {}

    /** Throws what the parser throws when the text is not one JSON value. */
    static Scanned scan(String json) {
        try {
            return scan(new JsonText(json));
        } catch (StreamReadException broken) {
            // The parser takes half a surrogate pair in a text, and none in a name.
            return JsonText.withoutHalves(json).map(ItemScan::scan).orElseThrow(() -> broken);
        }
    }

    private static Scanned scan(JsonText text) {
        try (JsonParser parser = text.parser()) {
            ItemScan scan = new ItemScan(text, parser);
            if (parser.nextToken() == null) {
                throw new StreamReadException(parser, "there is no value");
            }
            Item request = scan.item(true);
            if (parser.nextToken() != null) {
                throw new StreamReadException(parser, "something follows the value");
            }
            return new Scanned(request, scan.hasBatch, scan.items, scan.batch, scan.writeKeys);
        }
    }

    /** From its first token to its last. */
    private Item item(boolean isRequest) {
        JsonToken first = parser.currentToken();
        Item item = new Item(text, kind(first), begin());
        if (first != JsonToken.START_OBJECT) {
            pass(first);
        } else {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                Member member = Member.of(parser.currentName());
                JsonToken value = parser.nextToken();
                if (isRequest && member == Member.BATCH) {
                    batch(value);
                } else if (member == null) {
                    pass(value);
                } else {
                    put(item, member, value);
                }
            }
        }
        item.endAt(end());
        return item;
    }

    private void batch(JsonToken value) {
        batch.clear();
        items = 0;
        hasBatch = value == JsonToken.START_ARRAY;
        if (!hasBatch) {
            pass(value);
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (items++ < Submission.MAX_ITEMS) {
                batch.add(item(false));
            } else {
                // It is refused whole: a quarter of a million items fit into one request.
                pass(parser.currentToken());
            }
        }
    }

    private void put(Item item, Member member, JsonToken value) {
        int begin = begin();
        pass(value);
        int end = end();
        item.put(member, new Item.Value(kind(value), begin, end, repeats, flaw(member)));
        if (member == Member.WRITE_KEY) {
            writeKeys.add(new Span(begin, end));
        }
    }

    /** Of the value that was passed last. */
    private Optional<String> flaw(Member member) {
        if (depth > DEEPEST) {
            return Optional.of(member.wire() + " is nested in more than " + DEEPEST + " levels");
        }
        return longestNumber > LONGEST_NUMBER
                ? Optional.of(
                        "a number has at most %d digits, not %d"
                                .formatted(LONGEST_NUMBER, longestNumber))
                : Optional.empty();
    }

    private static Kind kind(JsonToken first) {
        return switch (first) {
            case VALUE_NULL -> Kind.NONE;
            case VALUE_STRING -> Kind.TEXT;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Kind.NUMBER;
            case START_OBJECT -> Kind.OBJECT;
            default -> Kind.OTHER;
        };
    }

    /** To the last token of the value that begins with this one. */
    private void pass(JsonToken first) {
        depth = 0;
        longestNumber = 0;
        repeats = false;
        int level = 0;
        for (JsonToken token = first; ; token = parser.nextToken()) {
            switch (token) {
                case START_OBJECT, START_ARRAY -> {
                    names(level++).clear();
                    depth = Math.max(depth, level);
                }
                case END_OBJECT, END_ARRAY -> level--;
                case PROPERTY_NAME -> repeats |= !names(level - 1).add(parser.currentName());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                        longestNumber = Math.max(longestNumber, parser.getStringLength());
                default -> {}
            }
            if (level == 0) {
                return;
            }
        }
    }

    private Names names(int level) {
        if (level == levels.size()) {
            levels.add(new Names());
        }
        return levels.get(level);
    }

    private int begin() {
        return (int) parser.currentTokenLocation().getCharOffset();
    }

    private int end() {
        parser.finishToken();
        return (int) parser.currentLocation().getCharOffset();
    }

    /** The names in one object. */
    private static final class Names {

        private static final int FEW = 16;

        private final List<String> few = new ArrayList<>();
        private @Nullable Set<String> many;

        void clear() {
            few.clear();
            many = null;
        }

        /** False when it is there already. */
        boolean add(String name) {
            if (many != null) {
                return many.add(name);
            }
            if (few.contains(name)) {
                return false;
            }
            few.add(name);
            if (few.size() > FEW) {
                many = new HashSet<>(few);
            }
            return true;
        }
    }
}
