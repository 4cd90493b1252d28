package dev.quintet.platform.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.StartRefused;
import dev.quintet.platform.disk.LocalDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeysTest {

    private static final byte[] SECRET = "a signing key".getBytes(StandardCharsets.UTF_8);
    private static final Place HERE = new Place("auth.signing_keys", "private_key", "7");
    private static final String ONE = "00".repeat(31) + "01";
    private static final String TWO = "00".repeat(31) + "02";

    private final Keys keys = keys(ONE);

    @Test
    void a_sealed_value_opens_at_its_place_and_never_shows_itself() {
        byte[] sealed = keys.seal(SECRET, HERE);
        assertThat(keys.open(sealed, HERE)).isEqualTo(SECRET);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("signing");
        assertThat(keys.seal(SECRET, HERE)).isNotEqualTo(sealed);
    }

    @Test
    void a_value_moved_to_another_row_column_or_table_does_not_open() {
        byte[] sealed = keys.seal(SECRET, HERE);
        for (Place place :
                List.of(
                        new Place("auth.signing_keys", "private_key", "8"),
                        new Place("auth.signing_keys", "public_key", "7"),
                        new Place("auth.signing_key", "sprivate_key", "7"),
                        new Place("chat.signing_keys", "private_key", "7"))) {
            assertThatThrownBy(() -> keys.open(sealed, place)).isInstanceOf(NotSealedHere.class);
        }
    }

    @Test
    void every_flipped_bit_and_every_cut_is_noticed() {
        byte[] sealed = keys.seal(SECRET, HERE);
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> keys.open(changed, HERE)).isInstanceOf(NotSealedHere.class);
        }
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(sealed, length);
            assertThatThrownBy(() -> keys.open(cut, HERE)).isInstanceOf(NotSealedHere.class);
        }
    }

    @Test
    void after_a_rotation_old_values_open_and_old_hashes_match_but_new_ones_use_the_new_key() {
        byte[] sealed = keys.seal(SECRET, HERE);
        byte[] hash = keys.pepper("api keys").hash(SECRET);
        Keys rotated =
                new Keys(MasterKey.parse(TWO), List.of(MasterKey.parse(ONE)), new SecureRandom());
        assertThat(rotated.open(sealed, HERE)).isEqualTo(SECRET);
        assertThat(rotated.pepper("api keys").matches(SECRET, hash)).isTrue();
        assertThat(rotated.pepper("api keys").hashes(SECRET)).hasSize(2).contains(hash);
        rotated.requireCheck(keys.check());
        assertThatThrownBy(() -> keys.open(rotated.seal(SECRET, HERE), HERE))
                .hasMessageContaining("which this node does not have");
    }

    @Test
    void another_key_is_refused_by_the_check_value() {
        String stored = keys.check();
        keys.requireCheck(stored);
        assertThatThrownBy(() -> keys(TWO).requireCheck(stored))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("not the one that this database was used with");
    }

    @Test
    void purposes_never_share_a_key() {
        assertThat(keys.derive("postgres", 32)).isEqualTo(keys(ONE).derive("postgres", 32));
        assertThat(keys.derive("postgres", 32)).isNotEqualTo(keys.derive("cookies", 32));
        assertThat(keys.pepper("a").hash(SECRET)).isNotEqualTo(keys.pepper("b").hash(SECRET));
        assertThat(keys.pepper("a").matches(SECRET, keys.pepper("b").hash(SECRET))).isFalse();
    }

    @Test
    void a_master_key_is_read_from_hex_and_from_base64_and_nothing_else_without_being_shown() {
        byte[] bytes = new byte[32];
        bytes[31] = 1;
        String base64 = Base64.getEncoder().encodeToString(bytes);
        for (String text : List.of(ONE, base64, base64.replace("=", ""), base64 + "\n")) {
            assertThat(keys(text).check()).isEqualTo(keys.check());
        }
        for (String text : List.of("", "hunter2!", "aGVsbG8=", ONE + "00")) {
            assertThatThrownBy(() -> MasterKey.parse(text))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("openssl rand -base64 32")
                    .message()
                    .doesNotContain("hunter2");
        }
        assertThat(keys + " " + MasterKey.parse(ONE) + " " + keys.pepper("a"))
                .matches("Keys\\[MasterKey\\[[0-9a-f]{8}]] MasterKey\\[[0-9a-f]{8}] Pepper");
    }

    @Test
    void a_made_key_is_kept_for_its_owner_only_and_read_again(@TempDir Path folder)
            throws Exception {
        Path file = folder.resolve("master.key");
        try (LocalDisk disk = new LocalDisk(1)) {
            SecureRandom random = new SecureRandom();
            assertThatThrownBy(() -> MasterKey.of(Optional.empty(), disk, file, false, random))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("openssl rand -base64 32");
            MasterKey made = MasterKey.of(Optional.empty(), disk, file, true, random);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(MasterKey.of(Optional.empty(), disk, file, false, random).id())
                    .isEqualTo(made.id());
            assertThat(MasterKey.of(Optional.of(ONE), disk, file, false, random).id())
                    .isEqualTo(MasterKey.parse(ONE).id());
            assertThatThrownBy(() -> MasterKey.make(disk, file, random))
                    .hasMessageContaining("never overwritten");
        }
    }

    private static Keys keys(String text) {
        return new Keys(MasterKey.parse(text), List.of(), new SecureRandom());
    }
}
