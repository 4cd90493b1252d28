/**
 * The Iceberg REST catalog ({@code apache/iceberg, open-api/rest-catalog-open-api.yaml}) at {@code
 * /iceberg}: other engines find the lake's tables, read them and commit to them, and may have
 * tables of their own beside. What they hand in is the library's to apply; {@link
 * dev.quintet.analytics.iceberg.GuardedTable} and {@link
 * dev.quintet.analytics.iceberg.GuardedFiles} hold it against what the loader and the queries rely
 * on.
 */
@NullMarked
package dev.quintet.analytics.iceberg;

import org.jspecify.annotations.NullMarked;
