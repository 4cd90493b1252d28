package dev.quintet.files;

import dev.quintet.platform.blobs.BlobId;
import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** All SQL about buckets, files and their bytes. */
final class FilesStore {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    static final String FILE =
            """
            id, organisation, person, bucket, key, name, media_type, size, tag,
            checksum, metadata, tus_metadata, blob, created_at, position
            """;

    private static final String FIGURES =
            """
            select count(*) as files, coalesce(sum(size), 0)::bigint as bytes
            from files.files
            where organisation = :organisation
            """;

    private static final String INSERT_BUCKET =
            """
            insert into files.buckets (organisation, name, created_at)
            values (:organisation, :name, :now)
            on conflict do nothing
            """;

    private static final String HAS_BUCKET =
            """
            select exists (
              select from files.buckets where organisation = :organisation and name = :name)
            """;

    private static final String LOCK_BUCKETS =
            """
            select pg_advisory_xact_lock(
              hashtextextended(concat('buckets/', :organisation), 0))
            """;

    private static final String COUNT_BUCKETS =
            """
            select count(*)
            from files.buckets
            where organisation = :organisation
            """;

    // No page: S3 lists all buckets at once, and there are at most files.maxBuckets.
    private static final String BUCKETS =
            """
            select name, created_at
            from files.buckets
            where organisation = :organisation
            order by name
            """;

    private static final String LOCK_KEY =
            """
            select pg_advisory_xact_lock(
              hashtextextended(concat_ws('/', 'files', :organisation, :bucket, :key), 0))
            """;

    private static final String FILE_BY_KEY =
            "select "
                    + FILE
                    + """
                    from files.files
                    where organisation = :organisation and bucket = :bucket and key = :key
                    """;

    private static final String FILE_BY_ID =
            "select "
                    + FILE
                    + """
                    from files.files
                    where id = :id
                    """;

    private static final String INSERT_FILE =
            """
            insert into files.files (
              id, organisation, person, bucket, key, name, media_type, size, tag,
              checksum, metadata, tus_metadata, blob, created_at)
            values (
              :id, :organisation, cast(:person as uuid), :bucket, :key, :name, :media_type, :size,
              :tag, cast(:checksum as jsonb), cast(:metadata as jsonb), :tus_metadata, :blob, :now)
            """;

    private static final String DELETE_FILE =
            """
            with gone as (delete from files.files where id = :id returning blob)
            insert into files.dropped (blob, due_at)
            select blob, :due from gone
            """;

    private static final String LIST =
            "select "
                    + FILE
                    + """
                    from files.files
                    where organisation = :organisation
                      and position < :before
                      and (cast(:person as uuid) is null or person = :person)
                    order by position desc
                    limit :limit
                    """;

    private static final String ERASE_FILES =
            """
            with gone as (delete from files.files where person = :person returning blob)
            insert into files.dropped (blob, due_at)
            select blob, :now from gone
            """;

    private static final String DUE =
            """
            select blob
            from files.dropped
            where due_at <= :now
            order by due_at
            limit :limit
            """;

    private static final String DROPPED =
            """
            delete from files.dropped
            where blob = any(:blobs)
            """;

    private static final String UNKNOWN =
            """
            select asked
            from unnest(:blobs) as asked
            where not exists (select from files.files where blob = asked)
              and not exists (select from files.uploads where blob = asked)
              and not exists (select from files.dropped where blob = asked)
            """;

    /** False if the organisation has a bucket of this name already. */
    boolean insertBucket(Tx tx, UUID organisation, String name, Instant now) {
        return tx.handle()
                        .createUpdate(INSERT_BUCKET)
                        .bind("organisation", organisation)
                        .bind("name", name)
                        .bind("now", now)
                        .execute()
                > 0;
    }

    /** How many there are; nobody makes another until the transaction ends. */
    int countBucketsLocked(Tx tx, UUID organisation) {
        tx.handle()
                .createQuery(LOCK_BUCKETS)
                .bind("organisation", organisation)
                .mapTo(String.class)
                .list();
        return tx.handle()
                .createQuery(COUNT_BUCKETS)
                .bind("organisation", organisation)
                .mapTo(Integer.class)
                .one();
    }

    boolean hasBucket(Tx tx, UUID organisation, String name) {
        return tx.handle()
                .createQuery(HAS_BUCKET)
                .bind("organisation", organisation)
                .bind("name", name)
                .mapTo(Boolean.class)
                .one();
    }

    List<Bucket> buckets(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(BUCKETS)
                .bind("organisation", organisation)
                .map((row, context) -> new Bucket(row.getString("name"), at(row, "created_at")))
                .list();
    }

    /** Until the transaction ends nobody else changes what this key names. */
    void lockKey(Tx tx, UUID organisation, String bucket, String key) {
        tx.handle()
                .createQuery(LOCK_KEY)
                .bind("organisation", organisation)
                .bind("bucket", bucket)
                .bind("key", key)
                .mapTo(String.class)
                .list();
    }

    Optional<StoredFile> fileByKey(Tx tx, UUID organisation, String bucket, String key) {
        return tx.handle()
                .createQuery(FILE_BY_KEY)
                .bind("organisation", organisation)
                .bind("bucket", bucket)
                .bind("key", key)
                .map(FILES)
                .findOne();
    }

    Optional<StoredFile> fileById(Tx tx, UUID id) {
        return tx.handle().createQuery(FILE_BY_ID).bind("id", id).map(FILES).findOne();
    }

    void insert(Tx tx, StoredFile file) {
        tx.handle()
                .createUpdate(INSERT_FILE)
                .bind("id", file.id())
                .bind("organisation", file.organisation())
                .bind("person", file.person())
                .bind("bucket", file.bucket())
                .bind("key", file.key())
                .bind("name", file.name().text())
                .bind("media_type", file.mediaType())
                .bind("size", file.size())
                .bind("tag", file.tag())
                .bind("checksum", JSON.writeValueAsString(file.checksum()))
                .bind("metadata", JSON.writeValueAsString(file.metadata()))
                .bind("tus_metadata", file.tusMetadata())
                .bind("blob", file.blob().uuid())
                .bind("now", file.createdAt())
                .execute();
    }

    /** The row goes at once, the bytes when they are due. */
    void delete(Tx tx, UUID id, Instant due) {
        tx.handle().createUpdate(DELETE_FILE).bind("id", id).bind("due", due).execute();
    }

    List<StoredFile> list(Tx tx, Reach reach, long before, int limit) {
        return bound(tx.handle().createQuery(LIST), reach)
                .bind("before", before)
                .bind("limit", limit)
                .map(FILES)
                .list();
    }

    void eraseFiles(Tx tx, UUID person, Instant now) {
        tx.handle().createUpdate(ERASE_FILES).bind("person", person).bind("now", now).execute();
    }

    List<BlobId> due(Tx tx, Instant now, int limit) {
        return tx.handle()
                .createQuery(DUE)
                .bind("now", now)
                .bind("limit", limit)
                .mapTo(UUID.class)
                .map(BlobId::new)
                .list();
    }

    void forgetDropped(Tx tx, Collection<BlobId> blobs) {
        tx.handle().createUpdate(DROPPED).bind("blobs", uuids(blobs)).execute();
    }

    /** Those of the blobs that no row names. */
    List<BlobId> unknown(Tx tx, Collection<BlobId> blobs) {
        return tx.handle()
                .createQuery(UNKNOWN)
                .bind("blobs", uuids(blobs))
                .mapTo(UUID.class)
                .map(BlobId::new)
                .list();
    }

    static Query bound(Query query, Reach reach) {
        return query.bind("organisation", reach.organisation()).bind("person", reach.person());
    }

    static Instant at(ResultSet row, String column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }

    static Optional<UUID> person(ResultSet row) throws SQLException {
        return Optional.ofNullable(row.getObject("person", UUID.class));
    }

    private static UUID[] uuids(Collection<BlobId> blobs) {
        return blobs.stream().map(BlobId::uuid).toArray(UUID[]::new);
    }

    static final RowMapper<StoredFile> FILES =
            (row, context) ->
                    new StoredFile(
                            row.getObject("id", UUID.class),
                            row.getObject("organisation", UUID.class),
                            person(row),
                            row.getString("bucket"),
                            row.getString("key"),
                            new FileName(row.getString("name")),
                            row.getString("media_type"),
                            row.getLong("size"),
                            row.getString("tag"),
                            JSON.readValue(row.getString("checksum"), TEXTS),
                            JSON.readValue(row.getString("metadata"), TEXTS),
                            row.getString("tus_metadata"),
                            new BlobId(row.getObject("blob", UUID.class)),
                            at(row, "created_at"),
                            row.getLong("position"));

    Map<String, Long> figures(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(FIGURES)
                .bind("organisation", organisation)
                .map((rs, ctx) ->
                        Map.of("files", rs.getLong("files"), "bytes", rs.getLong("bytes")))
                .one();
    }
}
