package dev.quintet.analytics.iceberg;

import static dev.quintet.analytics.iceberg.IcebergRefusal.ALREADY_EXISTS;
import static dev.quintet.analytics.iceberg.IcebergRefusal.BAD_REQUEST;
import static dev.quintet.analytics.iceberg.IcebergRefusal.COMMIT_FAILED;
import static dev.quintet.analytics.iceberg.IcebergRefusal.FORBIDDEN;
import static dev.quintet.analytics.iceberg.IcebergRefusal.NAMESPACE_NOT_EMPTY;
import static dev.quintet.analytics.iceberg.IcebergRefusal.NO_SUCH_FILE;
import static dev.quintet.analytics.iceberg.IcebergRefusal.NO_SUCH_NAMESPACE;
import static dev.quintet.analytics.iceberg.IcebergRefusal.NO_SUCH_TABLE;
import static dev.quintet.analytics.iceberg.IcebergRefusal.UNPROCESSABLE;
import static dev.quintet.platform.http.HttpRefusal.MISSING_SCOPE;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refusal;
import dev.quintet.platform.Refused;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Handler;
import dev.quintet.platform.http.Lane;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.sql.Database;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.Endpoint;
import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;
import org.apache.iceberg.rest.RESTMessage;
import org.apache.iceberg.rest.requests.CreateNamespaceRequest;
import org.apache.iceberg.rest.requests.CreateTableRequest;
import org.apache.iceberg.rest.requests.RegisterTableRequest;
import org.apache.iceberg.rest.requests.RenameTableRequest;
import org.apache.iceberg.rest.requests.UpdateNamespacePropertiesRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;

/**
 * The Iceberg REST catalog: namespaces and tables, each call one of the library's own. The lake
 * holds the rows of all organisations, so it is open to callers of the root organisation alone.
 */
public final class IcebergRoutes {

    private static final String NAMESPACES = "/iceberg/v1/namespaces";
    private static final String NAMESPACE = NAMESPACES + "/{namespace}";
    private static final String TABLES = NAMESPACE + "/tables";
    private static final String TABLE = TABLES + "/{table}";

    /** A schema of thousands of columns, or what a day of small commits left behind. */
    private static final DataSize LIMIT = DataSize.mebibytes(4);

    /** Between the levels of a namespace in an address. */
    private static final String LEVEL = "\u001f";

    private final OpenCatalog catalog;
    private final Database db;
    private final Audit audit = new Audit();

    public IcebergRoutes(OpenCatalog catalog, Database db) {
        this.catalog = catalog;
        this.db = db;
    }

    public Routes routes() {
        return Routes.of(
                        "analytics",
                        Stream.of(namespaces(), tables(), table())
                                .flatMap(routes -> routes)
                                .toArray(Route[]::new))
                .refusingBy(IcebergRoutes::refused);
    }

    private Stream<Route> namespaces() {
        return Stream.of(
                reads(Route.get("/iceberg/v1/config"))
                        .says("Which calls of the Iceberg REST catalog are answered.")
                        .by(answering(request -> json(config()))),
                reads(Route.get(NAMESPACES))
                        .query("parent", "the namespace whose children are listed")
                        .query("pageToken", "next-page-token of an earlier page")
                        .query("pageSize", "namespaces on a page")
                        .refuses(NO_SUCH_NAMESPACE, BAD_REQUEST)
                        .says("Lists namespaces.")
                        .by(answering(this::listNamespaces)),
                writes(Route.post(NAMESPACES))
                        .refuses(ALREADY_EXISTS, FORBIDDEN, BAD_REQUEST)
                        .says("Makes a namespace.")
                        .by(answering(this::createNamespace)),
                reads(Route.get(NAMESPACE))
                        .refuses(NO_SUCH_NAMESPACE)
                        .says("A namespace with its properties.")
                        .by(
                                answering(request ->
                                        json(
                                                CatalogHandlers.loadNamespace(
                                                        catalog, namespace(request))))),
                reads(Route.method("HEAD", NAMESPACE))
                        .gives(204)
                        .refuses(NO_SUCH_NAMESPACE)
                        .says("Whether there is such a namespace.")
                        .by(
                                answering(request -> {
                                    CatalogHandlers.namespaceExists(catalog, namespace(request));
                                    return Response.empty(204);
                                })),
                writes(Route.delete(NAMESPACE))
                        .gives(204)
                        .refuses(NO_SUCH_NAMESPACE, NAMESPACE_NOT_EMPTY, FORBIDDEN)
                        .says("Deletes an empty namespace.")
                        .by(answering(this::dropNamespace)),
                writes(Route.post(NAMESPACE + "/properties"))
                        .refuses(NO_SUCH_NAMESPACE, FORBIDDEN, UNPROCESSABLE, BAD_REQUEST)
                        .says("Sets and removes properties of a namespace.")
                        .by(answering(this::updateNamespace)));
    }

    private Stream<Route> tables() {
        return Stream.of(
                reads(Route.get(TABLES))
                        .query("pageToken", "next-page-token of an earlier page")
                        .query("pageSize", "tables on a page")
                        .refuses(NO_SUCH_NAMESPACE, BAD_REQUEST)
                        .says("Lists the tables of a namespace.")
                        .by(answering(this::listTables)),
                writes(Route.post(TABLES))
                        .refuses(NO_SUCH_NAMESPACE, ALREADY_EXISTS, FORBIDDEN, BAD_REQUEST)
                        .says("Makes a table, or prepares one that its first commit makes.")
                        .by(answering(this::createTable)),
                writes(Route.post(NAMESPACE + "/register"))
                        .refuses(
                                NO_SUCH_NAMESPACE,
                                NO_SUCH_FILE,
                                ALREADY_EXISTS,
                                FORBIDDEN,
                                BAD_REQUEST)
                        .says("Makes a table of a metadata file that is there.")
                        .by(answering(this::registerTable)),
                writes(Route.post("/iceberg/v1/tables/rename"))
                        .gives(204)
                        .refuses(
                                NO_SUCH_NAMESPACE,
                                NO_SUCH_TABLE,
                                ALREADY_EXISTS,
                                FORBIDDEN,
                                BAD_REQUEST)
                        .says("Gives a table another name.")
                        .by(answering(this::renameTable)));
    }

    private Stream<Route> table() {
        return Stream.of(
                reads(Route.get(TABLE))
                        .query("snapshots", "all, or refs: those that branches and tags name")
                        .refuses(NO_SUCH_TABLE, NO_SUCH_FILE, BAD_REQUEST)
                        .says("A table's metadata.")
                        .by(answering(this::loadTable)),
                reads(Route.method("HEAD", TABLE))
                        .gives(204)
                        .refuses(NO_SUCH_TABLE)
                        .says("Whether there is such a table.")
                        .by(
                                answering(request -> {
                                    CatalogHandlers.tableExists(catalog, identifier(request));
                                    return Response.empty(204);
                                })),
                writes(Route.post(TABLE))
                        .refuses(NO_SUCH_TABLE, COMMIT_FAILED, FORBIDDEN, BAD_REQUEST)
                        .says(
                                "Commits to a table, or makes the one that was prepared; durable when it is answered.")
                        .by(answering(this::commit)),
                writes(Route.delete(TABLE))
                        .gives(204)
                        .query("purgeRequested", "whether its files go too")
                        .refuses(NO_SUCH_TABLE, FORBIDDEN)
                        .says("Deletes a table.")
                        .by(answering(this::dropTable)));
    }

    private static Route.Declaration reads(Route.Declaration route) {
        return route.scope(Scope.LAKE_READ).refuses(MISSING_SCOPE).gives(200).lane(Lane.BACKGROUND);
    }

    private static Route.Declaration writes(Route.Declaration route) {
        return route.scope(Scope.LAKE_WRITE)
                .takesBytes(LIMIT)
                .refuses(MISSING_SCOPE)
                .gives(200)
                .lane(Lane.BACKGROUND);
    }

    private static Handler answering(Handler call) {
        return request -> {
            request.requireRoot();
            try {
                return call.handle(request);
            } catch (RuntimeException failed) {
                throw IcebergRefusal.of(failed);
            }
        };
    }

    private ConfigResponse config() {
        return ConfigResponse.builder()
                // The issuer's own grants are asked again; it exchanges no token.
                .withDefault("token-exchange-enabled", "false")
                .withEndpoints(
                        List.of(
                                Endpoint.V1_LIST_NAMESPACES,
                                Endpoint.V1_CREATE_NAMESPACE,
                                Endpoint.V1_LOAD_NAMESPACE,
                                Endpoint.V1_NAMESPACE_EXISTS,
                                Endpoint.V1_DELETE_NAMESPACE,
                                Endpoint.V1_UPDATE_NAMESPACE,
                                Endpoint.V1_LIST_TABLES,
                                Endpoint.V1_CREATE_TABLE,
                                Endpoint.V1_REGISTER_TABLE,
                                Endpoint.V1_RENAME_TABLE,
                                Endpoint.V1_LOAD_TABLE,
                                Endpoint.V1_TABLE_EXISTS,
                                Endpoint.V1_UPDATE_TABLE,
                                Endpoint.V1_DELETE_TABLE))
                .build();
    }

    private Response listNamespaces(Request request) {
        Namespace parent =
                request.query("parent").map(IcebergRoutes::namespace).orElseGet(Namespace::empty);
        Optional<String> size = request.query("pageSize");
        return json(
                size.isEmpty()
                        ? CatalogHandlers.listNamespaces(catalog, parent)
                        : CatalogHandlers.listNamespaces(
                                catalog, parent, pageToken(request), size.get()));
    }

    private Response createNamespace(Request request) {
        CreateNamespaceRequest wanted = body(request, CreateNamespaceRequest.class);
        RESTMessage made = CatalogHandlers.createNamespace(catalog, wanted);
        record(request, "namespace.create", wanted.namespace().toString());
        return json(made);
    }

    private Response dropNamespace(Request request) {
        CatalogHandlers.dropNamespace(catalog, namespace(request));
        record(request, "namespace.drop", namespace(request).toString());
        return Response.empty(204);
    }

    private Response updateNamespace(Request request) {
        RESTMessage changed =
                CatalogHandlers.updateNamespaceProperties(
                        catalog,
                        namespace(request),
                        body(request, UpdateNamespacePropertiesRequest.class));
        record(request, "namespace.change", namespace(request).toString());
        return json(changed);
    }

    private Response listTables(Request request) {
        Optional<String> size = request.query("pageSize");
        return json(
                size.isEmpty()
                        ? CatalogHandlers.listTables(catalog, namespace(request))
                        : CatalogHandlers.listTables(
                                catalog, namespace(request), pageToken(request), size.get()));
    }

    private Response createTable(Request request) {
        CreateTableRequest wanted = body(request, CreateTableRequest.class);
        Namespace namespace = namespace(request);
        if (wanted.stageCreate()) {
            return json(CatalogHandlers.stageTableCreate(catalog, namespace, wanted));
        }
        LoadTableResponse made = CatalogHandlers.createTable(catalog, namespace, wanted);
        record(request, "table.create", TableIdentifier.of(namespace, wanted.name()).toString());
        return json(made);
    }

    private Response registerTable(Request request) {
        RegisterTableRequest wanted = body(request, RegisterTableRequest.class);
        Namespace namespace = namespace(request);
        LoadTableResponse made = CatalogHandlers.registerTable(catalog, namespace, wanted);
        record(request, "table.register", TableIdentifier.of(namespace, wanted.name()).toString());
        return json(made);
    }

    private Response renameTable(Request request) {
        RenameTableRequest wanted = body(request, RenameTableRequest.class);
        CatalogHandlers.renameTable(catalog, wanted);
        record(request, "table.rename", wanted.source() + " to " + wanted.destination());
        return Response.empty(204);
    }

    private Response loadTable(Request request) {
        SnapshotMode mode =
                switch (request.query("snapshots").orElse("all")) {
                    case "all" -> SnapshotMode.ALL;
                    case "refs" -> SnapshotMode.REFS;
                    case String other ->
                            throw new BadRequestException(
                                    "snapshots is all or refs, not %s", other);
                };
        LoadTableResponse loaded = CatalogHandlers.loadTable(catalog, identifier(request), mode);
        String file = loaded.metadataLocation();
        return json(loaded).etag(file.substring(file.lastIndexOf('/') + 1) + "-" + mode);
    }

    private Response commit(Request request) {
        return json(
                CatalogHandlers.updateTable(
                        catalog, identifier(request), body(request, UpdateTableRequest.class)));
    }

    private Response dropTable(Request request) {
        boolean purge = request.query("purgeRequested").map(Boolean::parseBoolean).orElse(false);
        if (purge) {
            CatalogHandlers.purgeTable(catalog, identifier(request));
        } else {
            CatalogHandlers.dropTable(catalog, identifier(request));
        }
        record(request, purge ? "table.purge" : "table.drop", identifier(request).toString());
        return Response.empty(204);
    }

    private void record(Request request, String action, String target) {
        db.tx(tx -> {
            audit.record(
                    tx,
                    Act.done(request.caller(), request.head().client(), "lake." + action, target));
            return target;
        });
    }

    private static <T extends RESTMessage> T body(Request request, Class<T> type) {
        return IcebergJson.read(request.bytes(), type);
    }

    private static String pageToken(Request request) {
        return request.query("pageToken").orElse("");
    }

    private static Namespace namespace(Request request) {
        return namespace(request.path("namespace"));
    }

    private static Namespace namespace(String levels) {
        return Namespace.of(levels.split(LEVEL, -1));
    }

    private static TableIdentifier identifier(Request request) {
        return TableIdentifier.of(namespace(request), request.path("table"));
    }

    private static Response json(RESTMessage message) {
        return Response.bytes("application/json", IcebergJson.write(message));
    }

    /** The protocol's own form ({@code IcebergErrorResponse}). */
    private static Response refused(Refused refused, String requestId) {
        Refusal refusal = refused.refusal();
        Object type = refused.members().getOrDefault(IcebergRefusal.TYPE, type(refusal.status()));
        return Response.json(
                refusal.status(),
                Map.of(
                        "error",
                        Map.of(
                                "message",
                                refused.detail(),
                                "type",
                                type,
                                "code",
                                refusal.status())));
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "NotAuthorizedException";
            case 403 -> "ForbiddenException";
            case 503 -> "ServiceUnavailableException";
            default -> status < 500 ? "BadRequestException" : "ServiceFailureException";
        };
    }
}
