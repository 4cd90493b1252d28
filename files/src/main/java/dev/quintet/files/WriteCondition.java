package dev.quintet.files;

import static dev.quintet.files.FilesRefusal.CONDITION_FAILED;

import java.util.Optional;

/** What must hold of the key for a file to be stored under it. */
public sealed interface WriteCondition {

    record Always() implements WriteCondition {}

    /** {@code If-None-Match: *}: nothing is there yet. */
    record Absent() implements WriteCondition {}

    /** {@code If-Match}: exactly this is there. */
    record Tagged(String tag) implements WriteCondition {}

    default void require(Optional<StoredFile> there) {
        switch (this) {
            case Always always -> {}
            case Absent absent -> {
                if (there.isPresent()) {
                    throw CONDITION_FAILED.because("If-None-Match");
                }
            }
            case Tagged(String tag) -> {
                if (there.filter(file -> file.tag().equals(tag)).isEmpty()) {
                    throw CONDITION_FAILED.because("If-Match");
                }
            }
        }
    }
}
