package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.people.PersonErased;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The platform's own events, and changes that must not pass. */
final class EventFixturesTest {

    private static final UUID SOME = new UUID(1, 2);

    @Wire("people.person_erased/1")
    record Renamed(UUID organisation, UUID human) implements Event {

        @Override
        public String key() {
            return human.toString();
        }
    }

    @Wire("people.person_erased/1")
    record Grown(UUID organisation, UUID person, String why) implements Event {

        @Override
        public String key() {
            return person.toString();
        }
    }

    @Wire("people.person_erased/2")
    record WithoutFixture(UUID organisation, UUID person) implements Event {

        @Override
        public String key() {
            return person.toString();
        }
    }

    @Test
    void every_released_shape_of_the_platforms_events_is_read() {
        EventFixtures.stayReadable(new PersonErased(SOME, SOME));
    }

    @Test
    void a_renamed_field_is_caught() {
        assertThatThrownBy(() -> EventFixtures.staysReadable(new Renamed(SOME, SOME)))
                .isInstanceOfAny(AssertionError.class, NullPointerException.class);
    }

    @Test
    void a_field_without_a_new_version_is_caught() {
        assertThatThrownBy(() -> EventFixtures.staysReadable(new Grown(SOME, SOME, "asked")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("a change needs a new version");
    }

    @Test
    void a_version_without_a_fixture_is_caught_and_shown() {
        assertThatThrownBy(() -> EventFixtures.staysReadable(new WithoutFixture(SOME, SOME)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("/events/people.person_erased/2.json")
                .hasMessageContaining("\"person\"");
    }

    @Test
    void an_event_without_a_sample_is_caught() {
        assertThatThrownBy(() -> EventFixtures.stayReadable(new Grown(SOME, SOME, "asked")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("each event has one sample");
    }
}
