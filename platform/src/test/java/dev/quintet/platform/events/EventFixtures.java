package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Ids;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every shape of an event that was ever released, as test resources {@code
 * events/<system>.<name>/<version>.json}: outboxes and parked rows still hold them. A system's test
 * calls {@link #stayReadable} with one sample of each of its events.
 */
public final class EventFixtures {

    private static final JsonMapper JSON = JsonMapper.shared();

    private EventFixtures() {}

    /**
     * Fails if a released shape can no longer be read, if today's shape is not among them, or if
     * the module of the samples declares an event of which there is no sample.
     */
    public static void stayReadable(Event... samples) {
        assertThat(declaredBeside(samples[0].getClass()))
                .as("each event has one sample")
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(samples)
                                .map(sample -> sample.getClass().getName())
                                .collect(Collectors.toSet()));
        for (Event sample : samples) {
            staysReadable(sample);
        }
    }

    static void staysReadable(Event sample) {
        WireName wire = WireName.of(sample.getClass());
        Outbox outbox = new Outbox(new Ids(InstantSource.system(), RandomGenerator.getDefault()));
        for (int version = 1; version <= wire.version(); version++) {
            Event read = outbox.read(fixture(sample, wire, version), sample.getClass());
            assertThat(read.organisation()).as("%s/%d", wire.name(), version).isNotNull();
            assertThat(read.key()).as("%s/%d", wire.name(), version).isNotBlank();
        }
        assertThat(fields(JSON.valueToTree(sample)))
                .as(
                        "the fields of %s/%d are released: a change needs a new version and its fixture",
                        wire.name(), wire.version())
                .isEqualTo(fields(JSON.readTree(fixture(sample, wire, wire.version()))));
    }

    private static String fixture(Event sample, WireName wire, int version) {
        String name = "/events/%s/%d.json".formatted(wire.name(), version);
        try (InputStream bytes = sample.getClass().getResourceAsStream(name)) {
            if (bytes == null) {
                throw new AssertionError(
                        "there is no fixture %s; today's shape is%n%s"
                                .formatted(name, JSON.writeValueAsString(sample)));
            }
            return new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new AssertionError(name, failure);
        }
    }

    /**
     * Names and kinds of all fields, nested ones with their path; of an array its first element.
     */
    private static Set<String> fields(JsonNode node) {
        Set<String> fields = new TreeSet<>();
        collect("", node, fields);
        return fields;
    }

    private static void collect(String path, JsonNode node, Set<String> fields) {
        fields.add(path + " " + node.getNodeType());
        if (node.isArray() && !node.isEmpty()) {
            collect(path + "[]", node.get(0), fields);
        }
        node.properties()
                .forEach(field -> collect(path + "." + field.getKey(), field.getValue(), fields));
    }

    private static Set<String> declaredBeside(Class<?> type) {
        try {
            Path classes =
                    Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
            try (Stream<Path> files = Files.walk(classes)) {
                return files.map(file -> classes.relativize(file).toString())
                        .filter(file -> file.endsWith(".class"))
                        .map(file ->
                                file.substring(0, file.length() - 6)
                                        .replace(File.separatorChar, '.'))
                        .filter(name -> isEvent(name, type.getClassLoader()))
                        .collect(Collectors.toSet());
            }
        } catch (IOException | URISyntaxException failure) {
            throw new AssertionError("cannot look for the events beside " + type, failure);
        }
    }

    private static boolean isEvent(String name, ClassLoader loader) {
        try {
            return !name.equals("module-info")
                    && Class.forName(name, false, loader).isAnnotationPresent(Wire.class);
        } catch (ClassNotFoundException failure) {
            throw new AssertionError(name, failure);
        }
    }
}
