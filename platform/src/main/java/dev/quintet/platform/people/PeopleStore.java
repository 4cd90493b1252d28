package dev.quintet.platform.people;

import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.statement.SqlStatement;

/** The SQL of {@code platform.people}. */
final class PeopleStore {

    private static final String COLUMNS =
            "id, organisation, issuer, subject, version, name, email, phone, locale, zone";

    private static final String INSERT =
            """
            insert into platform.people (id, organisation, issuer, subject, name, email, phone, locale, zone)
            values (:id, :organisation, :issuer, :subject, :name, :email, :phone, :locale, :zone)
            """;
    private static final String PUT =
            INSERT
                    + """
                    on conflict (organisation, issuer, subject) do update
                    set name = excluded.name, email = excluded.email, phone = excluded.phone,
                        locale = excluded.locale, zone = excluded.zone, version = people.version + 1
                    returning %s
                    """
                            .formatted(COLUMNS);
    // The update changes nothing: it makes the row of a concurrent first sight come back.
    private static final String SEE =
            INSERT
                    + """
                    on conflict (organisation, issuer, subject) do update
                    set subject = excluded.subject
                    returning id
                    """;
    private static final String BY_SUBJECT =
            """
            from platform.people
            where organisation = :organisation
              and issuer = :issuer
              and subject = :subject
            """;
    private static final String FIND_SUBJECT = "select id\n" + BY_SUBJECT;
    private static final String LOCK = "select " + COLUMNS + "\n" + BY_SUBJECT + "for update";
    private static final String FIND =
            "select "
                    + COLUMNS
                    + """

                    from platform.people
                    where organisation = :organisation
                      and id = any(:ids)
                    """;
    private static final String MAIL_OF =
            """
            select id, email
            from platform.people
            where id = any(:ids)
            """;
    private static final String DELETE =
            """
            delete from platform.people
            where organisation = :organisation
              and id = :id
            """;

    void insert(Tx tx, Person person) {
        bind(tx.handle().createUpdate(INSERT), person).execute();
    }

    Person put(Tx tx, Person person) {
        return bind(tx.handle().createQuery(PUT), person).map((row, context) -> person(row)).one();
    }

    UUID see(Tx tx, Person person) {
        return bind(tx.handle().createQuery(SEE), person).mapTo(UUID.class).one();
    }

    Optional<UUID> find(Tx tx, UUID organisation, String issuer, String subject) {
        return tx.handle()
                .createQuery(FIND_SUBJECT)
                .bind("organisation", organisation)
                .bind("issuer", issuer)
                .bind("subject", subject)
                .mapTo(UUID.class)
                .findOne();
    }

    Optional<Person> lock(Tx tx, UUID organisation, String issuer, String subject) {
        return tx.handle()
                .createQuery(LOCK)
                .bind("organisation", organisation)
                .bind("issuer", issuer)
                .bind("subject", subject)
                .map((row, context) -> person(row))
                .findOne();
    }

    Map<UUID, Person> find(Tx tx, UUID organisation, Collection<UUID> ids) {
        Map<UUID, Person> found = new HashMap<>();
        if (ids.isEmpty()) {
            return found;
        }
        tx.handle()
                .createQuery(FIND)
                .bind("organisation", organisation)
                .bind("ids", ids.toArray(UUID[]::new))
                .map((row, context) -> person(row))
                .forEach(person -> found.put(person.id(), person));
        return found;
    }

    Map<UUID, Optional<String>> mailOf(Tx tx, Collection<UUID> ids) {
        Map<UUID, Optional<String>> found = new HashMap<>();
        tx.handle()
                .createQuery(MAIL_OF)
                .bind("ids", ids.toArray(UUID[]::new))
                .map((row, context) ->
                        Map.entry(
                                row.getObject(1, UUID.class),
                                Optional.ofNullable(row.getString(2))))
                .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
        return found;
    }

    boolean delete(Tx tx, UUID organisation, UUID id) {
        return tx.handle()
                        .createUpdate(DELETE)
                        .bind("organisation", organisation)
                        .bind("id", id)
                        .execute()
                > 0;
    }

    private static <S extends SqlStatement<S>> S bind(S statement, Person person) {
        return bind(statement, person.profile())
                .bind("id", person.id())
                .bind("organisation", person.organisation())
                .bind("issuer", person.issuer())
                .bind("subject", person.subject());
    }

    private static <S extends SqlStatement<S>> S bind(S statement, Profile profile) {
        return statement
                .bind("name", profile.name())
                .bind("email", profile.email())
                .bind("phone", profile.phone())
                .bind("locale", profile.locale())
                .bind("zone", profile.zone());
    }

    private static Person person(ResultSet row) throws SQLException {
        return new Person(
                row.getObject("id", UUID.class),
                row.getObject("organisation", UUID.class),
                row.getString("issuer"),
                row.getString("subject"),
                row.getInt("version"),
                new Profile(
                        Optional.ofNullable(row.getString("name")),
                        Optional.ofNullable(row.getString("email")),
                        Optional.ofNullable(row.getString("phone")),
                        Optional.ofNullable(row.getString("locale")),
                        Optional.ofNullable(row.getString("zone"))));
    }
}
