package dev.quintet.platform.keys;

/** A stored value does not open at its place: tampering, a row that was moved, or a missing key. */
public final class NotSealedHere extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotSealedHere(Place place, String why) {
        super("the sealed value at " + place + " does not open: " + why);
    }
}
