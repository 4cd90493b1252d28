package dev.quintet.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.InstantSource;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class IdKindTest {

    private static final IdKind ROOM = new IdKind("room", "room");

    @Test
    void the_published_vector_reads_both_ways() {
        // typeid.dev spec, valid.yml: prefix_01h455vb4pex5vsknk084sn02q
        UUID id = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
        assertThat(ROOM.show(id)).isEqualTo("room_01h455vb4pex5vsknk084sn02q");
        assertThat(ROOM.parse("room_01h455vb4pex5vsknk084sn02q")).isEqualTo(id);
    }

    @Test
    void every_id_survives_the_way_out_and_back() {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        for (int round = 0; round < 1_000; round++) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            assertThat(ROOM.parse(ROOM.show(id))).isEqualTo(id);
        }
    }

    @Test
    void another_kind_is_refused_by_naming_both() {
        String user = IdKind.PERSON.show(UUID.randomUUID());
        assertThatThrownBy(() -> ROOM.parse(user))
                .hasMessageContaining("a room (room_...)")
                .hasMessageContaining(user);
    }

    @Test
    void what_is_no_id_is_refused() {
        for (String text :
                new String[] {
                    "",
                    "room",
                    "room_",
                    "room_81h455vb4pex5vsknk084sn02q",
                    "room_01h455vb4pex5vsknk084sn02",
                    "room_01h455vb4pex5vsknk084sn02u",
                    "room_01h455vb4pex5vsknk084sn02é"
                }) {
            assertThatThrownBy(() -> ROOM.parse(text)).isInstanceOf(Refused.class);
        }
    }

    @Test
    void a_new_id_is_a_uuid_of_version_7_with_its_millisecond_first() {
        UUID id =
                new Ids(
                                InstantSource.fixed(
                                        java.time.Instant.ofEpochMilli(0x0123_4567_89ABL)),
                                RandomGenerator.getDefault())
                        .next();
        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(0x0123_4567_89ABL);
    }
}
