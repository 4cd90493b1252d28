package dev.quintet.files;

import dev.quintet.platform.blobs.BlobId;
import dev.quintet.platform.sql.Tx;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.mapper.RowMapper;

/** All SQL about uploads that are still open. */
final class UploadStore {

    private static final String UPLOAD =
            """
            id, organisation, person, credential, bucket, key, name, media_type, tus_metadata,
            length, blob, created_at, expires_at
            """;

    private static final String LOCK_OWNER =
            """
            select pg_advisory_xact_lock(hashtextextended(concat('uploads/', :owner), 0))
            """;

    private static final String OPEN_OF_PERSON =
            """
            select count(*) as count, coalesce(sum(length), 0) as bytes
            from files.uploads
            where person = :owner
            """;

    private static final String OPEN_OF_KEYS =
            """
            select count(*) as count, coalesce(sum(length), 0) as bytes
            from files.uploads
            where organisation = :owner
              and person is null
            """;

    private static final String INSERT =
            """
            insert into files.uploads (
              id, organisation, person, credential, bucket, key, name, media_type, tus_metadata,
              length, blob, created_at, expires_at)
            values (
              :id, :organisation, cast(:person as uuid), :credential, :bucket, :key, :name,
              :media_type, :tus_metadata, :length, :blob, :created_at, :expires_at)
            """;

    private static final String BY_ID =
            "select "
                    + UPLOAD
                    + """
                    from files.uploads
                    where id = :id
                    """;

    private static final String DELETE =
            """
            delete from files.uploads
            where id = :id
            """;

    private static final String DELETE_EXPIRED =
            """
            delete from files.uploads
            where id = :id
              and expires_at <= :now
            """;

    private static final String PROLONG =
            """
            update files.uploads
            set expires_at = :until
            where id = :id
            """;

    private static final String EXPIRED =
            "select "
                    + UPLOAD
                    + """
                    from files.uploads
                    where expires_at <= :now
                    order by expires_at
                    limit :limit
                    """;

    private static final String ERASE =
            """
            delete from files.uploads
            where person = :person
            returning blob
            """;

    /** What an owner has unfinished, and how long it will be. */
    record Open(long count, BigDecimal bytes) {}

    /** What a person has open; nobody opens another for it until the transaction ends. */
    Open openOfPerson(Tx tx, UUID person) {
        return openLocked(tx, OPEN_OF_PERSON, person);
    }

    /** What callers without a person have open in an organisation, locked likewise. */
    Open openOfKeys(Tx tx, UUID organisation) {
        return openLocked(tx, OPEN_OF_KEYS, organisation);
    }

    private static Open openLocked(Tx tx, String open, UUID owner) {
        tx.handle().createQuery(LOCK_OWNER).bind("owner", owner).mapTo(String.class).list();
        return tx.handle()
                .createQuery(open)
                .bind("owner", owner)
                .map((row, context) -> new Open(row.getLong("count"), row.getBigDecimal("bytes")))
                .one();
    }

    void insert(Tx tx, Upload upload) {
        tx.handle()
                .createUpdate(INSERT)
                .bind("id", upload.id())
                .bind("organisation", upload.organisation())
                .bind("person", upload.person())
                .bind("credential", upload.credential())
                .bind("bucket", upload.draft().bucket())
                .bind("key", upload.draft().key())
                .bind("name", upload.draft().name().text())
                .bind("media_type", upload.draft().mediaType())
                .bind("tus_metadata", upload.draft().tusMetadata())
                .bind("length", upload.length())
                .bind("blob", upload.blob().uuid())
                .bind("created_at", upload.createdAt())
                .bind("expires_at", upload.expiresAt())
                .execute();
    }

    Optional<Upload> byId(Tx tx, UUID id) {
        return tx.handle().createQuery(BY_ID).bind("id", id).map(UPLOADS).findOne();
    }

    /** False if somebody else has ended it meanwhile. */
    boolean delete(Tx tx, UUID id) {
        return tx.handle().createUpdate(DELETE).bind("id", id).execute() > 0;
    }

    /** False if somebody has ended it meanwhile, or bytes came that keep it. */
    boolean deleteExpired(Tx tx, UUID id, Instant now) {
        return tx.handle().createUpdate(DELETE_EXPIRED).bind("id", id).bind("now", now).execute()
                > 0;
    }

    /** Also one that has expired, while a request is under way; false if somebody has ended it. */
    boolean prolong(Tx tx, UUID id, Instant until) {
        return tx.handle().createUpdate(PROLONG).bind("id", id).bind("until", until).execute() > 0;
    }

    List<Upload> expired(Tx tx, Instant now, int limit) {
        return tx.handle()
                .createQuery(EXPIRED)
                .bind("now", now)
                .bind("limit", limit)
                .map(UPLOADS)
                .list();
    }

    /** The blobs of the uploads that are gone. */
    List<BlobId> erase(Tx tx, UUID person) {
        return tx.handle()
                .createQuery(ERASE)
                .bind("person", person)
                .mapTo(UUID.class)
                .map(BlobId::new)
                .list();
    }

    private static final RowMapper<Upload> UPLOADS =
            (row, context) ->
                    new Upload(
                            row.getObject("id", UUID.class),
                            row.getObject("organisation", UUID.class),
                            FilesStore.person(row),
                            row.getString("credential"),
                            new FileDraft(
                                    row.getString("bucket"),
                                    row.getString("key"),
                                    new FileName(row.getString("name")),
                                    row.getString("media_type"),
                                    Map.of(),
                                    row.getString("tus_metadata")),
                            row.getLong("length"),
                            new BlobId(row.getObject("blob", UUID.class)),
                            FilesStore.at(row, "created_at"),
                            FilesStore.at(row, "expires_at"));
}
