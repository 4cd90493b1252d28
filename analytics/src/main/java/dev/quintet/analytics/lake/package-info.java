/**
 * All that knows DuckDB and Iceberg. The table's metadata is planned and committed in the server's
 * process by iceberg-core; every Parquet byte is written and read by DuckDB in child processes of
 * the same class path, so that a native crash or a hungry query never ends the server.
 */
@NullMarked
package dev.quintet.analytics.lake;

import org.jspecify.annotations.NullMarked;
