package dev.quintet.platform.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** What somebody wrote, before it has a type: a tree in which each part knows where it stands. */
sealed interface Written {

    String where();

    record Text(String text, String where) implements Written {}

    record Items(List<Written> items, String where) implements Written {}

    record Fields(Map<String, Written> fields, String where) implements Written {

        static Fields empty(String where) {
            return new Fields(new LinkedHashMap<>(), where);
        }

        /** Puts a value at a dotted key, in place of what stood there. */
        void put(String key, Written value) {
            int dot = key.indexOf('.');
            if (dot < 0) {
                fields.put(key, value);
                return;
            }
            String head = key.substring(0, dot);
            Fields below = fields.get(head) instanceof Fields there ? there : empty(value.where());
            fields.put(head, below);
            below.put(key.substring(dot + 1), value);
        }
    }

    /**
     * Reads YAML. A dotted key is a path; a key without a value counts as not written.
     *
     * @param source names the text when it is a variable; empty means a file, whose lines are named
     */
    static Written yaml(String text, String source, List<Problem> problems) {
        try (JsonParser parser =
                YAMLFactory.builder()
                        .enable(tools.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build()
                        .createParser(tools.jackson.core.ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            return first == null || first == JsonToken.VALUE_NULL
                    ? Fields.empty(where(parser, source))
                    : read(parser, source);
        } catch (StreamReadException broken) {
            String where = source.isEmpty() ? "line " + broken.getLocation().getLineNr() : source;
            problems.add(
                    new Problem(where, where, "this is not YAML: " + broken.getOriginalMessage()));
            return Fields.empty(where);
        }
    }

    private static Written read(JsonParser parser, String source) {
        String where = where(parser, source);
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Fields fields = Fields.empty(where);
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String key = parser.currentName();
                    if (parser.nextToken() != JsonToken.VALUE_NULL) {
                        Written value = read(parser, source);
                        fields.put(key, value);
                    }
                }
                yield fields;
            }
            case START_ARRAY -> {
                List<Written> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(read(parser, source));
                }
                yield new Items(items, where);
            }
            default -> new Text(parser.getString(), where);
        };
    }

    private static String where(JsonParser parser, String source) {
        return source.isEmpty() ? "line " + parser.currentTokenLocation().getLineNr() : source;
    }
}
