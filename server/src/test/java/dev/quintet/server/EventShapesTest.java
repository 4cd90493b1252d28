package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Wire;
import dev.quintet.platform.planted.PlantedEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * That each event of any module has a wire name, and a fixture of every shape under it. That they
 * are still read is each module's own test.
 */
final class EventShapesTest {

    private static final JavaClasses PRODUCT =
            new ClassFileImporter()
                    .withImportOption(location -> !location.contains("test-classes"))
                    .withImportOption(location -> !location.contains("-tests.jar"))
                    .importPackages("dev.quintet");

    @Test
    void each_event_of_the_product_has_a_fixture_of_each_of_its_shapes() {
        List<JavaClass> events = events(PRODUCT);
        assertThat(events).hasSizeGreaterThanOrEqualTo(4);
        assertThat(events.stream().flatMap(EventShapesTest::missing)).isEmpty();
    }

    @Test
    void an_event_without_a_fixture_is_named() {
        JavaClasses planted =
                new ClassFileImporter().importClasses(PlantedEvent.class, Event.class);
        assertThat(events(planted).stream().flatMap(EventShapesTest::missing))
                .containsExactly(
                        "dev.quintet.platform.planted.PlantedEvent: no events/planted.done/1.json",
                        "dev.quintet.platform.planted.PlantedEvent: no events/planted.done/2.json");
    }

    private static List<JavaClass> events(JavaClasses all) {
        return all.stream()
                .filter(type -> type.isAssignableTo(Event.class) && type.isRecord())
                .toList();
    }

    private static Stream<String> missing(JavaClass event) {
        if (!event.isAnnotatedWith(Wire.class)) {
            return Stream.of(event.getName() + ": no @Wire name");
        }
        String[] wire = event.getAnnotationOfType(Wire.class).value().split("/", -1);
        return IntStream.rangeClosed(1, Integer.parseInt(wire[1]))
                .mapToObj(version -> "events/" + wire[0] + "/" + version + ".json")
                .filter(fixture -> !existsInAModule(fixture))
                .map(fixture -> event.getName() + ": no " + fixture);
    }

    private static boolean existsInAModule(String fixture) {
        try (Stream<Path> modules = Files.list(Path.of("..").toAbsolutePath().normalize())) {
            return modules.anyMatch(
                    module -> Files.exists(module.resolve("src/test/resources").resolve(fixture)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
