/**
 * Work for later on PostgreSQL, a few hundred a second: enqueued in the transaction that wants it,
 * run by one node at a time, retried with growing pauses, and kept for the operator when it fails
 * for good.
 */
@NullMarked
package dev.quintet.platform.jobs;

import org.jspecify.annotations.NullMarked;
