package dev.quintet.platform.sql;

import org.jspecify.annotations.Nullable;

/**
 * What happens inside a transaction. May run again after a deadlock, so it touches only the
 * database.
 */
@FunctionalInterface
public interface Work<T extends @Nullable Object> {

    T run(Tx tx);
}
