package dev.quintet.server;

/** Stands in for the composition root in the planted violations. */
public record PlantedRoot(Object part) {}
