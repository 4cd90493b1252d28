/**
 * Events of products and their people: taken in durably, loaded exactly once, asked by SQL.
 *
 * <p>The life of an event:
 *
 * <ol>
 *   <li>{@link dev.quintet.analytics.http.SegmentRoutes} takes a request of the Segment API; {@link
 *       dev.quintet.analytics.Analytics#take} knows its source by the write key (held in memory, so
 *       PostgreSQL is not asked) and counts its items;
 *   <li>the event log has it durable: only now the client gets its 2xx;
 *   <li>{@code Loader} cuts a range of the log, at most one a second: {@code EventRules} judges
 *       each item, {@code SeenIds} knows the duplicates of the last day;
 *   <li>{@code lake.LakeWriter} has a DuckDB child write Parquet, forces the files, and commits
 *       them to Iceberg together with the position in the log and the range's tally;
 *   <li>the ledger in PostgreSQL is brought up to that position, and the log may forget the range;
 *   <li>a query runs in a child process over the files of its organisation in the snapshot.
 * </ol>
 *
 * <p>Threads: requests on their own; one loader thread, which owns {@code Loader}, {@code SeenIds}
 * and the writer; one that looks for new sources each second. Promises: a 2xx is durable; each
 * message of a source is in the lake once if sent again within a day; a kill between any two steps
 * changes neither; another loader, also one that wakes up late, is fenced off by its epoch.
 */
@NullMarked
package dev.quintet.analytics;

import org.jspecify.annotations.NullMarked;
