package dev.quintet.analytics;

import dev.quintet.platform.sql.Tx;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The SQL of {@code analytics.sources}. Each change locks their version first. */
final class SourceStore {

    private static final String ALL =
            """
            select id, organisation, name, allowed_origins, created_at, write_key_hash, old_key_hash, old_key_until
            from analytics.sources
            """;

    // Sorted without an index: an organisation has at most as many as there may be altogether.
    private static final String LIST =
            """
            select id, organisation, name, allowed_origins, created_at, write_key_hash, old_key_hash, old_key_until
            from analytics.sources
            where organisation = :organisation
              and id > :after
            order by id
            limit :most
            """;

    private static final String FIND =
            """
            select id, organisation, name, allowed_origins, created_at, write_key_hash, old_key_hash, old_key_until
            from analytics.sources
            where organisation = :organisation
              and id = :id
            """;

    private static final String VERSION = "select version from analytics.sources_version";

    private static final String RAISE_VERSION =
            """
            update analytics.sources_version
            set version = version + 1
            returning version
            """;

    private static final String COUNT = "select count(*) from analytics.sources";

    private static final String INSERT =
            """
            insert into analytics.sources (id, organisation, name, allowed_origins, write_key_hash, created_at)
            values (:id, :organisation, :name, :origins, :hash, :at)
            """;

    private static final String CHANGE =
            """
            update analytics.sources
            set name = :name,
                allowed_origins = :origins
            where organisation = :organisation
              and id = :id
            """;

    private static final String ROTATE =
            """
            update analytics.sources
            set old_key_hash = case when :until::timestamptz is null then null else write_key_hash end,
                old_key_until = :until::timestamptz,
                write_key_hash = :hash
            where organisation = :organisation
              and id = :id
            """;

    private static final String DELETE =
            """
            delete from analytics.sources
            where organisation = :organisation
              and id = :id
            """;

    private static final UUID BEFORE_ALL = new UUID(0, 0);

    /** A write key that a rotation has replaced. */
    record OldKey(ByteBuffer hash, Instant until) {}

    /** A source as it lies in the table. */
    record Stored(Source source, Instant createdAt, ByteBuffer keyHash, Optional<OldKey> oldKey) {}

    /** All sources by id, as one version of them. */
    record Snapshot(long version, Map<UUID, Stored> sources) {}

    long version(Tx tx) {
        return tx.handle().createQuery(VERSION).mapTo(Long.class).one();
    }

    Snapshot all(Tx tx) {
        // Read first: a source added in between belongs to a later version and comes twice.
        long version = version(tx);
        Map<UUID, Stored> sources = new HashMap<>();
        tx.handle()
                .createQuery(ALL)
                .map((row, context) -> stored(row))
                .forEach(each -> sources.put(each.source().id(), each));
        return new Snapshot(version, sources);
    }

    List<Stored> list(Tx tx, UUID organisation, Optional<UUID> after, int most) {
        return tx.handle()
                .createQuery(LIST)
                .bind("organisation", organisation)
                .bind("after", after.orElse(BEFORE_ALL))
                .bind("most", most)
                .map((row, context) -> stored(row))
                .list();
    }

    Optional<Stored> find(Tx tx, UUID organisation, UUID id) {
        return tx.handle()
                .createQuery(FIND)
                .bind("organisation", organisation)
                .bind("id", id)
                .map((row, context) -> stored(row))
                .findOne();
    }

    /** The next version; until the transaction ends nobody else changes a source. */
    long raiseVersion(Tx tx) {
        return tx.handle().createQuery(RAISE_VERSION).mapTo(Long.class).one();
    }

    int count(Tx tx) {
        return tx.handle().createQuery(COUNT).mapTo(Integer.class).one();
    }

    void insert(Tx tx, Source source, byte[] keyHash, Instant at) {
        tx.handle()
                .createUpdate(INSERT)
                .bind("id", source.id())
                .bind("organisation", source.organisation())
                .bind("name", source.name())
                .bindArray("origins", String.class, source.allowedOrigins().origins())
                .bind("hash", keyHash)
                .bind("at", at)
                .execute();
    }

    void change(Tx tx, Source source) {
        tx.handle()
                .createUpdate(CHANGE)
                .bind("id", source.id())
                .bind("organisation", source.organisation())
                .bind("name", source.name())
                .bindArray("origins", String.class, source.allowedOrigins().origins())
                .execute();
    }

    /**
     * Gives a source another key.
     *
     * @param oldUntil until when the one before is taken; empty ends it at once
     */
    void rotate(Tx tx, Source source, byte[] keyHash, Optional<Instant> oldUntil) {
        tx.handle()
                .createUpdate(ROTATE)
                .bind("id", source.id())
                .bind("organisation", source.organisation())
                .bind("hash", keyHash)
                .bindByType("until", oldUntil.orElse(null), Instant.class)
                .execute();
    }

    void delete(Tx tx, Source source) {
        tx.handle()
                .createUpdate(DELETE)
                .bind("id", source.id())
                .bind("organisation", source.organisation())
                .execute();
    }

    private static Stored stored(ResultSet row) throws SQLException {
        byte @Nullable [] oldKey = row.getBytes("old_key_hash");
        return new Stored(
                new Source(
                        row.getObject("id", UUID.class),
                        row.getObject("organisation", UUID.class),
                        row.getString("name"),
                        new AllowedOrigins(texts(row.getArray("allowed_origins")))),
                instant(row, "created_at"),
                ByteBuffer.wrap(row.getBytes("write_key_hash")),
                oldKey == null
                        ? Optional.empty()
                        : Optional.of(
                                new OldKey(
                                        ByteBuffer.wrap(oldKey), instant(row, "old_key_until"))));
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
