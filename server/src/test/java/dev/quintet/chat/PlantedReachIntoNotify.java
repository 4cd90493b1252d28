package dev.quintet.chat;

import dev.quintet.notify.PlantedQuery;

/** Breaks the star on purpose: one system reaches into another. */
public final class PlantedReachIntoNotify {

    public Object reach() {
        return new PlantedQuery();
    }
}
