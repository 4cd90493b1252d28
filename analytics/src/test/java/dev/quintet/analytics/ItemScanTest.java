package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.analytics.Item.Kind;
import dev.quintet.analytics.Item.Member;
import java.security.SecureRandom;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is found of a request without a tree, against what a tree of it says. */
final class ItemScanTest {

    private static final JsonMapper TREE =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    private static Item item(String json) {
        return ItemScan.scan(json).request();
    }

    @Test
    void whatever_an_object_holds_it_means_the_same_without_its_blanks() {
        long seed = new SecureRandom().nextLong();
        System.out.println("seed " + seed);
        RandomJson random = new RandomJson(new Random(seed));
        for (int n = 0; n < 2_000; n++) {
            String properties = random.object(4);
            String sent =
                    "{%s\"userId\" : \"u\",\"properties\":%s ,\"event\":\"E\"}"
                            .formatted(random.blanks(), properties);
            Item item = item(sent);
            JsonNode meant = meant(properties);
            String stored = item.object(Member.PROPERTIES);
            assertThat(TREE.readTree(stored).equals(ItemScanTest::compare, meant))
                    .as("%s is stored as %s", sent, stored)
                    .isTrue();
            assertThat(stored).as(sent).doesNotContain("\n", "\t");
            assertThat(item.raw()).hasSameSizeAs(sent);
            assertThat(item.text(Member.USER_ID)).isEqualTo("u");
            assertThat(item.text(Member.EVENT)).isEqualTo("E");
        }
    }

    private static int compare(JsonNode one, JsonNode other) {
        return one.isNumber() && other.isNumber()
                ? one.decimalValue().compareTo(other.decimalValue())
                : one.equals(other) ? 0 : 1;
    }

    /** A tree takes no half of a surrogate pair in a name. */
    private static JsonNode meant(String properties) {
        String whole = properties.replace("\\ud800-", "\\ufffd-").replace("\\udfff-", "\\ufffd-");
        return TREE.readTree(EventRules.clean(TREE.readTree(whole).toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\": 1.00, \"b\": [ 1E400 , 0.1e-7 ]} | {\"a\":1.00,\"b\":[1E400,0.1e-7]}",
                "{\"a\": \" x \\\" y \\\\\"} | {\"a\":\" x \\\" y \\\\\"}",
                "{\"a\":\"\\ud83d\\ude00\"} | {\"a\":\"\uD83D\uDE00\"}",
                "{\"a\":\"\\uD800\", \"b\":1} | {\"a\":\"\uFFFD\",\"b\":1}",
                "{\"a\":\"\\uD800\", \"\\udc00\":1} | {\"a\":\"\\ufffd\",\"\\ufffd\":1}",
                "{\"a\":1,\"b\":{\"c\":1,\"c\":2},\"a\":3} | {\"a\":3,\"b\":{\"c\":2}}",
                "{\"a\":\"\\u0000\"} | {\"a\":\"\\u0000\"}",
            })
    void numbers_stay_as_they_came_and_what_engines_read_differently_is_settled(
            String sent, String stored) {
        assertThat(item("{\"traits\":" + sent + "}").object(Member.TRAITS)).isEqualTo(stored);
    }

    @Test
    void a_name_that_comes_twice_is_seen_among_any_number() {
        StringBuilder many = new StringBuilder("{\"n0\":\"first\"");
        for (int n = 1; n < 500; n++) {
            many.append(",\"n").append(n).append("\":").append(n);
        }
        String once = item("{\"traits\":" + many + "}}").object(Member.TRAITS);
        assertThat(once).contains("first");
        String twice = item("{\"traits\":" + many + ",\"n0\":\"last\"}}").object(Member.TRAITS);
        assertThat(twice).contains("last").doesNotContain("first");
    }

    @Test
    void of_members_that_come_twice_the_last_one_counts() {
        Item item = item("{\"event\":\"A\",\"event\":\"B\",\"name\":\"A\",\"name\":null}");
        assertThat(item.text(Member.EVENT)).isEqualTo("B");
        assertThat(item.kind(Member.NAME)).isEqualTo(Kind.NONE);
        ItemScan.Scanned batch = ItemScan.scan("{\"batch\":[1,2],\"batch\":[3]}");
        assertThat(batch.batch()).hasSize(1);
        assertThat(ItemScan.scan("{\"batch\":[1],\"batch\":2}").hasBatch()).isFalse();
    }

    @Test
    void a_text_is_unfolded_and_a_number_is_its_text() {
        Item item = item("{\"event\":\"a\\n\\u00e9\\\"b\",\"userId\":-12.50,\"name\":\"\"}");
        assertThat(item.text(Member.EVENT)).isEqualTo("a\n\u00e9\"b");
        assertThat(item.text(Member.USER_ID)).isEqualTo("-12.50");
        assertThat(item.text(Member.NAME)).isEmpty();
    }

    @Test
    void what_cannot_be_stored_is_named_by_its_member() {
        Item deep = item("{\"traits\":%s,\"x\":%s}".formatted(nested(501), nested(600)));
        assertThat(path(deep)).isEqualTo("/traits");
        assertThat(item("{\"traits\":" + nested(500) + "}").flaw()).isEmpty();
        Item number = item("{\"context\":{\"a\":[" + "1".repeat(1_001) + "]}}");
        assertThat(path(number)).isEqualTo("/context");
        assertThat(item("{\"context\":{\"a\":" + "1".repeat(1_000) + "}}").flaw()).isEmpty();
        Item mended = item("{\"traits\":" + nested(501) + ",\"traits\":{}}");
        assertThat(mended.flaw()).as("the last one counts").isEmpty();
    }

    private static String path(Item item) {
        return item.flaw().orElseThrow().path();
    }

    /** An object of so many levels. */
    private static String nested(int levels) {
        return "{\"a\":" + "[".repeat(levels - 1) + "]".repeat(levels - 1) + "}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{}{}",
                "{} 1",
                "{\"a\":1,}",
                "{\"a\" 1}",
                "[1,]",
                "{\"a\":01}",
                "{\"a\":\"\n\"}",
                "{'a':1}",
                "{\"a\":NaN}",
                "{\"a\":\"\\x\"}",
                "{\"a\":tru}",
            })
    void what_is_no_json_value_is_refused(String text) {
        assertThatThrownBy(() -> ItemScan.scan(text)).isInstanceOf(JacksonException.class);
    }

    /** Objects in every notation that JSON has for them. */
    private record RandomJson(Random random) {

        String object(int levels) {
            StringBuilder object = new StringBuilder("{");
            int members = random.nextInt(5);
            for (int n = 0; n < members; n++) {
                object.append(n == 0 ? "" : ",")
                        .append(blanks())
                        .append(string())
                        .append(blanks())
                        .append(':')
                        .append(blanks())
                        .append(value(levels - 1))
                        .append(blanks());
            }
            return object.append('}').toString();
        }

        private String value(int levels) {
            return switch (random.nextInt(levels > 0 ? 8 : 6)) {
                case 0 -> "null";
                case 1 -> random.nextBoolean() ? "true" : "false";
                case 2 -> Integer.toString(random.nextInt());
                case 3 -> random.nextInt(100) + ".50e" + random.nextInt(-9, 9);
                case 4, 5 -> string();
                case 6 -> object(levels);
                default -> "[" + blanks() + value(levels - 1) + "," + value(levels - 1) + "]";
            };
        }

        private String string() {
            String[] parts = {
                "a",
                "b",
                " ",
                "\\\"",
                "\\\\",
                "\\n",
                "\\u0041",
                "\\ud83d\\ude00",
                "\\ud800-",
                "\u00e9",
                "\uD83D\uDE00",
                "{",
                "}",
                "[",
                ",",
                ":",
                "\\/",
                "\\u0000",
                "\\udfff-",
            };
            StringBuilder string = new StringBuilder("\"");
            for (int n = random.nextInt(4); n > 0; n--) {
                string.append(parts[random.nextInt(parts.length)]);
            }
            return string.append('"').toString();
        }

        String blanks() {
            return switch (random.nextInt(6)) {
                case 0 -> " ";
                case 1 -> "\n\t";
                case 2 -> "\r\n  ";
                default -> "";
            };
        }
    }
}
