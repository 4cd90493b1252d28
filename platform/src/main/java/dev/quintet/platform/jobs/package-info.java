/**
 * Work that returns, on PostgreSQL: each schedule is run by one node at a time, under a lease, and
 * comes again so long after it ended, whatever became of it.
 */
@NullMarked
package dev.quintet.platform.jobs;

import org.jspecify.annotations.NullMarked;
