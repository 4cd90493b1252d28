package dev.quintet.platform.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Ids;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.events.Event;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.TestDatabase;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PeopleTest {

    private static final Profile ADA =
            new Profile(
                    Optional.of("Ada"),
                    Optional.of("ada@example.org"),
                    Optional.of("+4930123456"),
                    Optional.of("de-CH"),
                    Optional.of("Europe/Zurich"));

    private final List<Event> announced = Collections.synchronizedList(new ArrayList<>());
    private final TestDatabase test = TestDatabase.create((tx, events) -> announced.addAll(events));
    private final Database db = test.database();
    private final People people = new People(new Ids(InstantSource.system(), new Random()));
    private final UUID other = otherOrganisation();

    private UUID otherOrganisation() {
        UUID id = UUID.randomUUID();
        db.run(tx ->
                tx.handle()
                        .execute(
                                "insert into caller.organisations (id, name) values (?, 'b')", id));
        return id;
    }

    @AfterAll
    void close() {
        test.close();
    }

    private static String fresh() {
        return "ext-" + UUID.randomUUID();
    }

    private Person put(UUID organisation, String externalId, Profile profile) {
        return db.tx(tx -> people.put(tx, organisation, externalId, profile, OptionalInt.empty()));
    }

    @Test
    void putting_the_same_external_id_again_changes_the_same_person() {
        String name = fresh();
        Person first = put(Caller.ROOT, name, ADA);
        Person second = put(Caller.ROOT, name, Profile.EMPTY);
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.version()).isEqualTo(2);
        assertThat(second.profile()).isEqualTo(Profile.EMPTY);
        assertThat(first.profile()).isEqualTo(ADA);
    }

    @Test
    void one_external_id_in_two_organisations_is_two_people_who_do_not_see_each_other() {
        String name = fresh();
        Person mine = put(Caller.ROOT, name, ADA);
        Person theirs = put(other, name, ADA);
        assertThat(theirs.id()).isNotEqualTo(mine.id());
        List<UUID> both = List.of(mine.id(), theirs.id());
        assertThat(db.<Set<UUID>>read(tx -> people.known(tx, Caller.ROOT, both)))
                .containsExactly(mine.id());
        assertThatThrownBy(() -> db.run(tx -> people.erase(tx, other, mine.id())))
                .hasMessageContaining("there is no person user_");
        assertThat(db.<Person>read(tx -> people.require(tx, Caller.ROOT, mine.id())))
                .isEqualTo(mine);
    }

    @Test
    void a_foreign_subject_seen_twenty_times_at_once_is_one_person() throws Exception {
        String subject = fresh();
        Callable<UUID> sight =
                () ->
                        db.tx(tx ->
                                people.seen(tx, Caller.ROOT, "https://idp.example", subject, ADA));
        Set<UUID> seen = new java.util.HashSet<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var each : threads.invokeAll(Collections.nCopies(20, sight))) {
                seen.add(each.get());
            }
        }
        assertThat(seen).hasSize(1);
    }

    @Test
    void a_later_sight_keeps_what_a_person_is_called() {
        String subject = fresh();
        UUID id = db.tx(tx -> people.seen(tx, Caller.ROOT, "https://idp.example", subject, ADA));
        db.run(tx -> people.seen(tx, Caller.ROOT, "https://idp.example", subject, Profile.EMPTY));
        assertThat(db.<Person>read(tx -> people.require(tx, Caller.ROOT, id)).profile())
                .isEqualTo(ADA);
        java.util.Map<UUID, Optional<String>> mail =
                db.read(tx -> people.mailOf(tx, List.of(id, UUID.randomUUID())));
        assertThat(mail).containsExactly(java.util.Map.entry(id, Optional.of("ada@example.org")));
    }

    @Test
    void an_old_version_is_refused() {
        String name = fresh();
        put(Caller.ROOT, name, ADA);
        put(Caller.ROOT, name, ADA);
        assertThatThrownBy(() ->
                        db.tx(tx -> people.put(tx, Caller.ROOT, name, ADA, OptionalInt.of(1))))
                .hasMessageContaining("read it again");
    }

    @Test
    void erasing_removes_the_row_and_tells_every_system() {
        UUID id = db.tx(tx -> people.add(tx, Caller.ROOT, ADA));
        db.run(tx -> people.erase(tx, Caller.ROOT, id));
        assertThat(announced).contains(new PersonErased(Caller.ROOT, id));
        assertThat(db.<Set<UUID>>read(tx -> people.known(tx, Caller.ROOT, List.of(id)))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "email,no-at",
        "email,a@b@c",
        "phone,030123",
        "locale,d_e_",
        "zone,Mars/Base",
        "name,' '"
    })
    void a_bad_contact_is_refused_by_its_field(String field, String value) {
        assertThatThrownBy(() ->
                        new Profile(
                                Optional.of(value).filter(text -> field.equals("name")),
                                Optional.of(value).filter(text -> field.equals("email")),
                                Optional.of(value).filter(text -> field.equals("phone")),
                                Optional.of(value).filter(text -> field.equals("locale")),
                                Optional.of(value).filter(text -> field.equals("zone"))))
                .hasMessageContaining("'" + field + "'");
    }

    @Test
    void an_address_is_kept_in_its_canonical_form_and_an_old_one_is_still_read() {
        Profile typed =
                Profile.written(
                        Optional.empty(),
                        Optional.of("Jose\u0301@b\u00fccher.example"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        Person stored = put(Caller.ROOT, fresh(), typed);
        assertThat(stored.profile().email()).contains("Jos\u00e9@xn--bcher-kva.example");
        assertThatThrownBy(() ->
                        Profile.written(
                                Optional.empty(),
                                Optional.of("jo\u200bse@example.com"),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()))
                .hasMessageContaining("U+200B");
        db.run(tx ->
                tx.handle()
                        .execute(
                                "update platform.people set email = 'a..b@exa_mple.com' where id = ?",
                                stored.id()));
        assertThat(db.read(tx -> people.require(tx, Caller.ROOT, stored.id())).profile().email())
                .contains("a..b@exa_mple.com");
    }
}
