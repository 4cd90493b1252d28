package dev.quintet.analytics.iceberg;

import dev.quintet.platform.Refusal;
import java.util.Locale;
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
    NO_SUCH_NAMESPACE(404),
    NO_SUCH_TABLE(404),
    NO_SUCH_FILE(404),
    ALREADY_EXISTS(409),
    NAMESPACE_NOT_EMPTY(409),
    COMMIT_FAILED(409),
    FORBIDDEN(403),
    UNPROCESSABLE(422),
    BAD_REQUEST(400);

    /** The name of the exception: clients of the same library throw it again. */
    static final String TYPE = "type";

    private final int status;

    IcebergRefusal(int status) {
        this.status = status;
    }

    /** The refusal that an exception of the library stands for; itself when something broke. */
    static RuntimeException of(RuntimeException failed) {
        IcebergRefusal refusal;
        switch (failed) {
            case NoSuchNamespaceException _ -> refusal = NO_SUCH_NAMESPACE;
            case NoSuchTableException _ -> refusal = NO_SUCH_TABLE;
            case NotFoundException _ -> refusal = NO_SUCH_FILE;
            case AlreadyExistsException _ -> refusal = ALREADY_EXISTS;
            case NamespaceNotEmptyException _ -> refusal = NAMESPACE_NOT_EMPTY;
            case CommitFailedException _ -> refusal = COMMIT_FAILED;
            case ForbiddenException _ -> refusal = FORBIDDEN;
            case UnprocessableEntityException _ -> refusal = UNPROCESSABLE;
            case BadRequestException _ -> refusal = BAD_REQUEST;
            case ValidationException _ -> refusal = BAD_REQUEST;
            case IllegalArgumentException _ -> refusal = BAD_REQUEST;
            default -> {
                return failed;
            }
        }
        return refusal.because(String.valueOf(failed.getMessage()))
                .with(TYPE, failed.getClass().getSimpleName());
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
