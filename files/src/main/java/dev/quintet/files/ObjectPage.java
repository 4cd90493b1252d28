package dev.quintet.files;

import java.util.List;
import java.util.Optional;

/** A page of a bucket's list. */
public record ObjectPage(List<Entry> entries, Optional<ObjectQuery.From> next) {

    /** A key or a common prefix. */
    public sealed interface Entry {

        record Key(StoredFile file) implements Entry {}

        record Prefix(String text) implements Entry {}
    }

    public ObjectPage {
        entries = List.copyOf(entries);
    }
}
