package dev.quintet.files;

import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Refused;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A body whose bytes keep its upload alive, however long it takes: a sign of life now and then. */
final class Pulse extends FilterInputStream {

    private final InstantSource time;
    private final Duration every;
    private final Runnable sign;
    private Instant signedAt;
    private boolean cameSince;

    /**
     * @param signedAt when the last sign was given
     */
    Pulse(InputStream source, InstantSource time, Instant signedAt, Duration every, Runnable sign) {
        super(source);
        this.time = time;
        this.signedAt = signedAt;
        this.every = every;
        this.sign = sign;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int wanted) throws IOException {
        int read = in.read(target, offset, wanted);
        cameSince |= read > 0;
        if (cameSince && !time.instant().isBefore(signedAt.plus(every))) {
            sign();
        }
        return read;
    }

    /** The body broke off: what came until then was a sign of life too. */
    void last() {
        if (cameSince) {
            sign();
        }
    }

    private void sign() {
        signedAt = time.instant();
        cameSince = false;
        try {
            sign.run();
        } catch (Refused refused) {
            // A busy database must not break a body; the next sign comes long before the end.
            if (!(refused.refusal() instanceof PlatformRefusal)) {
                throw refused;
            }
        }
    }
}
