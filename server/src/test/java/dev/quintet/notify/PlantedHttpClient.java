package dev.quintet.notify;

import java.net.http.HttpClient;

/** Breaks the egress border on purpose: an HTTP client that checks no address. */
public final class PlantedHttpClient {

    public Object client() {
        return HttpClient.newHttpClient();
    }
}
