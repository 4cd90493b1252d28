package dev.quintet.notify;

import static dev.quintet.notify.StoreRows.instant;
import static dev.quintet.notify.StoreRows.texts;
import static dev.quintet.notify.StoreRows.uuid;

import dev.quintet.platform.sql.Tx;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The SQL of webhook endpoints. */
final class EndpointStore {

    private static final String COUNT_ENDPOINTS =
            """
            select count(*)
            from notify.webhook_endpoints
            where organisation = :organisation
            """;

    private static final String INSERT_ENDPOINT =
            """
            insert into notify.webhook_endpoints (id, organisation, url, event_types, secret, created_at)
            values (:id, :organisation, :url, :eventTypes, :secret, clock_timestamp())
            """;

    private static final String ENDPOINTS =
            """
            select id, organisation, url, event_types, created_at, disabled_because
            from notify.webhook_endpoints
            where organisation = :organisation
            order by created_at, id
            """;

    private static final String ENDPOINT =
            """
            select id, organisation, url, event_types, created_at, disabled_because
            from notify.webhook_endpoints
            where organisation = :organisation
              and id = :id
            """;

    private static final String LOCK_ENDPOINT = ENDPOINT + "for update";

    private static final String UPDATE_ENDPOINT =
            """
            update notify.webhook_endpoints
            set url = :url, event_types = :eventTypes, disabled_because = :disabledBecause
            where organisation = :organisation
              and id = :id
            """;

    private static final String KNOWN =
            """
            select id
            from notify.webhook_endpoints
            where organisation = :organisation
              and id = any(:ids)
            """;

    private static final String SEALED_SECRET =
            """
            select secret
            from notify.webhook_endpoints
            where id = :id
            """;

    private static final String DELETE_ENDPOINT =
            """
            delete from notify.webhook_endpoints
            where organisation = :organisation
              and id = :id
            """;

    long count(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(COUNT_ENDPOINTS)
                .bind("organisation", organisation)
                .mapTo(Long.class)
                .one();
    }

    void insert(
            Tx tx,
            UUID id,
            UUID organisation,
            URI url,
            List<String> eventTypes,
            byte[] sealedSecret) {
        tx.handle()
                .createUpdate(INSERT_ENDPOINT)
                .bind("id", id)
                .bind("organisation", organisation)
                .bind("url", url.toString())
                .bindArray("eventTypes", String.class, eventTypes)
                .bind("secret", sealedSecret)
                .execute();
    }

    List<Endpoints.Endpoint> all(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(ENDPOINTS)
                .bind("organisation", organisation)
                .map((rs, ctx) -> endpoint(rs))
                .list();
    }

    Optional<Endpoints.Endpoint> find(Tx tx, UUID organisation, UUID id) {
        return tx.handle()
                .createQuery(ENDPOINT)
                .bind("organisation", organisation)
                .bind("id", id)
                .map((rs, ctx) -> endpoint(rs))
                .findOne();
    }

    /** As it is until the transaction ends. */
    Optional<Endpoints.Endpoint> lock(Tx tx, UUID organisation, UUID id) {
        return tx.handle()
                .createQuery(LOCK_ENDPOINT)
                .bind("organisation", organisation)
                .bind("id", id)
                .map((rs, ctx) -> endpoint(rs))
                .findOne();
    }

    void update(Tx tx, Endpoints.Endpoint endpoint) {
        tx.handle()
                .createUpdate(UPDATE_ENDPOINT)
                .bind("organisation", endpoint.organisation())
                .bind("id", endpoint.id())
                .bind("url", endpoint.url().toString())
                .bindArray("eventTypes", String.class, endpoint.eventTypes())
                .bind("disabledBecause", endpoint.disabledBecause().orElse(null))
                .execute();
    }

    /** Those of {@code ids} that are endpoints of the organisation. */
    Set<UUID> known(Tx tx, UUID organisation, Set<UUID> ids) {
        if (ids.isEmpty()) {
            return ids;
        }
        return tx.handle()
                .createQuery(KNOWN)
                .bind("organisation", organisation)
                .bindArray("ids", UUID.class, ids)
                .mapTo(UUID.class)
                .set();
    }

    Optional<byte[]> sealedSecret(Tx tx, UUID id) {
        return tx.handle()
                .createQuery(SEALED_SECRET)
                .bind("id", id)
                .map((rs, ctx) -> rs.getBytes("secret"))
                .findOne();
    }

    private static Endpoints.Endpoint endpoint(ResultSet rs) throws SQLException {
        return new Endpoints.Endpoint(
                uuid(rs, "id"),
                uuid(rs, "organisation"),
                URI.create(rs.getString("url")),
                texts(rs, "event_types"),
                instant(rs, "created_at").orElseThrow(),
                Optional.ofNullable(rs.getString("disabled_because")));
    }

    void delete(Tx tx, UUID organisation, UUID id) {
        tx.handle()
                .createUpdate(DELETE_ENDPOINT)
                .bind("organisation", organisation)
                .bind("id", id)
                .execute();
    }
}
