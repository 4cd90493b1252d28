package dev.quintet.platform.people;

import static dev.quintet.platform.people.PeopleRefusal.INVALID_EXTERNAL_ID;
import static dev.quintet.platform.people.PeopleRefusal.NO_SUCH_PERSON;
import static dev.quintet.platform.people.PeopleRefusal.PERSON_CHANGED;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.sql.Tx;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/**
 * Everybody that the product's organisations know. Each question names its organisation: a person
 * of another one does not exist.
 */
public final class People {

    /** The issuer of those who sign in here. */
    public static final String OWN = "own";

    /** The issuer of those whom the product's server names by its own ids. */
    public static final String EXTERNAL = "external";

    private static final int LONGEST_SUBJECT = 200;

    private final PeopleStore store = new PeopleStore();
    private final Ids ids;

    public People(Ids ids) {
        this.ids = ids;
    }

    /** Adds somebody who signs in here; their id is also the key of the sign-in's own row. */
    public UUID add(Tx tx, UUID organisation, Profile profile) {
        UUID id = ids.next();
        store.insert(tx, new Person(id, organisation, OWN, id.toString(), 1, profile));
        return id;
    }

    /**
     * Makes the person of this external id look like this, and makes them when there is none.
     *
     * @param expected the version that the client has read; empty overwrites any
     */
    public Person put(
            Tx tx, UUID organisation, String externalId, Profile profile, OptionalInt expected) {
        checkSubject(externalId);
        Optional<Person> before = store.lock(tx, organisation, EXTERNAL, externalId);
        if (expected.isPresent() && before.map(Person::version).orElse(0) != expected.getAsInt()) {
            throw PERSON_CHANGED.because();
        }
        return store.put(
                tx, new Person(ids.next(), organisation, EXTERNAL, externalId, 1, profile));
    }

    /**
     * The id of a foreign issuer's subject; at first sight they become a person. What they are
     * called later is kept, not what the token says then.
     */
    public UUID seen(
            Tx tx, UUID organisation, String issuer, String subject, Profile atFirstSight) {
        checkSubject(subject);
        return store.find(tx, organisation, issuer, subject)
                .orElseGet(() ->
                        store.see(
                                tx,
                                new Person(
                                        ids.next(),
                                        organisation,
                                        issuer,
                                        subject,
                                        1,
                                        atFirstSight)));
    }

    /** Those of these ids that this organisation has, in one query. */
    public Map<UUID, Person> find(Tx tx, UUID organisation, Collection<UUID> persons) {
        return store.find(tx, organisation, persons);
    }

    public Person require(Tx tx, UUID organisation, UUID person) {
        Person found = find(tx, organisation, Set.of(person)).get(person);
        if (found == null) {
            throw NO_SUCH_PERSON.because(IdKind.PERSON.show(person));
        }
        return found;
    }

    /** Those of these ids that exist in this organisation. */
    public Set<UUID> known(Tx tx, UUID organisation, Collection<UUID> persons) {
        return Set.copyOf(store.find(tx, organisation, persons).keySet());
    }

    /**
     * Mail addresses for background work over several organisations, whose ids were checked against
     * their organisation when they were taken in. Who is gone is not in the map.
     */
    public Map<UUID, Optional<String>> mailOf(Tx tx, Collection<UUID> persons) {
        return store.mailOf(tx, persons);
    }

    /**
     * Removes a person and tells every system. The transaction's last act: it announces.
     *
     * @throws dev.quintet.platform.Refused NO_SUCH_PERSON
     */
    public void erase(Tx tx, UUID organisation, UUID person) {
        if (!store.delete(tx, organisation, person)) {
            throw NO_SUCH_PERSON.because(IdKind.PERSON.show(person));
        }
        tx.announce(new PersonErased(organisation, person));
    }

    private static void checkSubject(String subject) {
        if (subject.isBlank()
                || subject.length() > LONGEST_SUBJECT
                || subject.chars().anyMatch(Character::isISOControl)) {
            throw INVALID_EXTERNAL_ID.because();
        }
    }
}
