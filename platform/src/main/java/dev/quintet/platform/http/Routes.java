package dev.quintet.platform.http;

import java.util.List;

/**
 * A group of routes of one system that share how they refuse and what pages may do. The list is
 * data: OpenAPI, the rights test and the coverage test read it.
 *
 * @param system the system's name, {@code platform} for what belongs to none
 * @param contentSecurityPolicy for every answer of the group
 * @param cookies whether the group signs callers in by cookie, so that unsafe methods are taken
 *     from our own pages only
 * @param allPages whether pages of any origin may call it and read its answers
 */
public record Routes(
        String system,
        List<Route> routes,
        RefusalForm refusalForm,
        String contentSecurityPolicy,
        boolean cookies,
        boolean allPages,
        boolean on) {

    static final String NOTHING =
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public Routes {
        routes = List.copyOf(routes);
    }

    public static Routes of(String system, Route... routes) {
        return new Routes(system, List.of(routes), Problem::render, NOTHING, false, false, true);
    }

    /** Stands for a system that is switched off: all that fits one of the paths is SYSTEM_OFF. */
    public static Routes off(String system, String... paths) {
        List<Route> all =
                java.util.Arrays.stream(paths)
                        .map(path ->
                                Route.any(path)
                                        .open("the system is off")
                                        .by(request -> {
                                            throw HttpRefusal.SYSTEM_OFF.because(system);
                                        }))
                        .toList();
        return new Routes(system, all, Problem::render, NOTHING, false, false, false);
    }

    public Routes refusingBy(RefusalForm form) {
        return new Routes(system, routes, form, contentSecurityPolicy, cookies, allPages, on);
    }

    public Routes withPolicy(String policy) {
        return new Routes(system, routes, refusalForm, policy, cookies, allPages, on);
    }

    /** Unsafe methods are then taken only from our own pages (Origin or Sec-Fetch-Site). */
    public Routes withCookies() {
        return new Routes(system, routes, refusalForm, contentSecurityPolicy, true, allPages, on);
    }

    /**
     * Pages of any origin may call and read, without credentials of the browser; whose pages are
     * served is the handlers' business, by {@code Origin}.
     */
    public Routes withAllPages() {
        return new Routes(system, routes, refusalForm, contentSecurityPolicy, cookies, true, on);
    }
}
