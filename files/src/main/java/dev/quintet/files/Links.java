package dev.quintet.files;

import static dev.quintet.files.FilesRefusal.INVALID_EXPIRY;
import static dev.quintet.files.FilesRefusal.INVALID_LINK;
import static dev.quintet.files.FilesRefusal.LINK_EXPIRED;

import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Pepper;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.UUID;

/**
 * Addresses that open one file to whoever holds them, until they expire or the file is deleted.
 * Nothing is stored: the signature says it all.
 */
public final class Links {

    public static final Duration USUAL = Duration.ofHours(1);

    private static final Duration LONGEST = Duration.ofDays(7);

    private final Pepper pepper;
    private final InstantSource time;

    Links(Keys keys, InstantSource time) {
        this.pepper = keys.pepper("files.links");
        this.time = time;
    }

    /**
     * What goes into the address.
     *
     * @param expires in seconds since 1970
     */
    public record Ticket(UUID file, long expires, String signature) {}

    public Ticket issue(UUID file, long seconds) {
        if (seconds < 1 || seconds > LONGEST.toSeconds()) {
            throw INVALID_EXPIRY.because(LONGEST.toSeconds(), seconds);
        }
        long expires = time.instant().getEpochSecond() + seconds;
        byte[] signature = pepper.hash(said(file, expires));
        return new Ticket(
                file, expires, Base64.getUrlEncoder().withoutPadding().encodeToString(signature));
    }

    /** Refuses a ticket that is not ours or is too old. */
    public void require(Ticket ticket) {
        if (!pepper.matches(said(ticket.file(), ticket.expires()), decode(ticket.signature()))) {
            throw INVALID_LINK.because();
        }
        Instant end = Instant.ofEpochSecond(ticket.expires());
        if (!time.instant().isBefore(end)) {
            throw LINK_EXPIRED.because(end);
        }
    }

    private static byte[] said(UUID file, long expires) {
        return ByteBuffer.allocate(24)
                .putLong(file.getMostSignificantBits())
                .putLong(file.getLeastSignificantBits())
                .putLong(expires)
                .array();
    }

    private static byte[] decode(String signature) {
        try {
            return Base64.getUrlDecoder().decode(signature);
        } catch (IllegalArgumentException e) {
            throw INVALID_LINK.because();
        }
    }
}
