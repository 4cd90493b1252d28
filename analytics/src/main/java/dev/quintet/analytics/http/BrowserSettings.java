package dev.quintet.analytics.http;

import java.util.List;
import java.util.Map;

/**
 * The settings document of a source in Segment's words, as analytics-next 1.84 and the libraries
 * for apps read it. One integration, ours, under Segment's name; a second one would have the
 * browser load code for it.
 *
 * @param integrations by name
 * @param metrics whether the library counts its own errors; it would send them by https alone
 */
record BrowserSettings(
        Map<String, Integration> integrations,
        Map<String, Object> plan,
        Map<String, Object> edgeFunction,
        Map<String, Object> middlewareSettings,
        Map<String, Object> enabledMiddleware,
        Metrics metrics,
        boolean analyticsNextEnabled,
        boolean legacyVideoPluginsEnabled,
        List<Object> remotePlugins) {

    BrowserSettings {
        integrations = Map.copyOf(integrations);
        plan = Map.copyOf(plan);
        edgeFunction = Map.copyOf(edgeFunction);
        middlewareSettings = Map.copyOf(middlewareSettings);
        enabledMiddleware = Map.copyOf(enabledMiddleware);
        remotePlugins = List.copyOf(remotePlugins);
    }

    /**
     * @param apiHost with the path that the calls lie below, without a scheme
     */
    record Integration(
            String apiKey,
            String apiHost,
            String protocol,
            boolean addBundledMetadata,
            List<String> unbundledIntegrations,
            Map<String, List<String>> maybeBundledConfigIds,
            Versions versionSettings) {

        Integration {
            unbundledIntegrations = List.copyOf(unbundledIntegrations);
            maybeBundledConfigIds = Map.copyOf(maybeBundledConfigIds);
        }
    }

    record Versions(String version, List<String> componentTypes) {

        Versions {
            componentTypes = List.copyOf(componentTypes);
        }
    }

    record Metrics(double sampleRate, String host) {}

    /**
     * @param host as the client calls us
     */
    static BrowserSettings of(String writeKey, String host, boolean https) {
        String apiHost = host + "/v1";
        Integration ours =
                new Integration(
                        writeKey,
                        apiHost,
                        https ? "https" : "http",
                        true,
                        List.of(),
                        Map.of(),
                        new Versions("4.4.7", List.of("browser")));
        Map<String, Object> always =
                Map.of("__default", Map.of("enabled", true, "integrations", Map.of()));
        return new BrowserSettings(
                Map.of("Segment.io", ours),
                Map.of("track", always, "identify", always, "group", always),
                Map.of(),
                Map.of(),
                Map.of(),
                new Metrics(0, apiHost),
                true,
                false,
                List.of());
    }
}
