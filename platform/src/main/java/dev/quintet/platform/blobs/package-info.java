/**
 * Immutable bytes under generated ids: received by append, durable up to a known offset, committed
 * once, read by range. Names, owners and rights are somebody else's rows.
 *
 * <p>Life of a blob: {@code begin} names it, {@code append} makes bytes durable and says how many,
 * {@code commit} puts the whole in place, and hours after its row is gone {@code drop} deletes it.
 */
@NullMarked
package dev.quintet.platform.blobs;

import org.jspecify.annotations.NullMarked;
