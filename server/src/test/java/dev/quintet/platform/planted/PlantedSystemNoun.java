package dev.quintet.platform.planted;

import dev.quintet.notify.PlantedQuery;
import dev.quintet.server.PlantedRoot;

/** Breaks the star on purpose: platform knows a system, and the server. */
public final class PlantedSystemNoun {

    public Object know() {
        return new PlantedRoot(new PlantedQuery());
    }
}
