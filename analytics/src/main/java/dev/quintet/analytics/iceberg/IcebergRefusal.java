package dev.quintet.analytics.iceberg;

import dev.quintet.platform.Refusal;
import dev.quintet.platform.Refused;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.UnprocessableEntityException;
import org.apache.iceberg.exceptions.ValidationException;

/** Every way in which the catalog says no, each standing for exceptions of Iceberg's library. */
public enum IcebergRefusal implements Refusal {
    NO_SUCH_NAMESPACE(404, NoSuchNamespaceException.class),
    NO_SUCH_TABLE(404, NoSuchTableException.class),
    NO_SUCH_FILE(404, NotFoundException.class),
    ALREADY_EXISTS(409, AlreadyExistsException.class),
    NAMESPACE_NOT_EMPTY(409, NamespaceNotEmptyException.class),
    COMMIT_FAILED(409, CommitFailedException.class),
    FORBIDDEN(403, ForbiddenException.class),
    UNPROCESSABLE(422, UnprocessableEntityException.class),
    BAD_REQUEST(
            400,
            BadRequestException.class,
            IllegalArgumentException.class,
            ValidationException.class);

    /** The name of the exception: clients of the same library throw it again. */
    static final String TYPE = "type";

    private final int status;
    private final List<Class<? extends Exception>> exceptions;

    @SafeVarargs
    @SuppressWarnings("varargs")
    IcebergRefusal(int status, Class<? extends Exception>... exceptions) {
        this.status = status;
        this.exceptions = List.of(exceptions);
    }

    /** The refusal that an exception of the library stands for; none when something broke. */
    static Optional<Refused> of(Exception failed) {
        return Arrays.stream(values())
                .filter(refusal ->
                        refusal.exceptions.stream().anyMatch(type -> type.isInstance(failed)))
                .findFirst()
                .map(refusal ->
                        refusal.because(String.valueOf(failed.getMessage()))
                                .with(TYPE, failed.getClass().getSimpleName()));
    }

    @Override
    public int status() {
        return status;
    }

    /** The library's own words. */
    @Override
    public String sentence() {
        return "%s";
    }

    @Override
    public String docs() {
        return "iceberg#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
