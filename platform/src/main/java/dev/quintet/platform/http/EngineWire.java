package dev.quintet.platform.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;

/** The hatch to what the engine's public API lacks: interim answers and request trailers. */
final class EngineWire implements Request.Wire {

    private final HttpServerRequest request;

    EngineWire(HttpServerRequest request) {
        this.request = request;
    }

    @Override
    public Map<String, String> trailers() {
        return Map.of();
    }

    @Override
    public void interim(int status, List<Response.Header> headers) {
        request.connection();
    }
}
