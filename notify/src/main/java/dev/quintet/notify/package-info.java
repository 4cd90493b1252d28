/**
 * Notifications: accepted durably, expanded per recipient, delivered by lane, every attempt on
 * record.
 *
 * <p>The life of a notification:
 *
 * <ol>
 *   <li>{@code NotifyRoutes} reads it, {@link dev.quintet.notify.Draft} checks it, {@link
 *       dev.quintet.notify.Notify#accept} stores it whole in one row: from the 202 on it is
 *       durable.
 *   <li>Its priority's {@code Lane} wakes, and {@code Expansion} makes one row per recipient and
 *       channel; inbox entries are delivered in that same transaction.
 *   <li>The lane claims what is due under a lease, and writes the attempt down, before anything
 *       leaves.
 *   <li>Each {@link dev.quintet.notify.Channel} tries once on its own virtual thread: SMTP,
 *       Standard Webhooks.
 *   <li>Outcomes are stored in batches. A failed attempt waits for its {@link
 *       dev.quintet.notify.Backoff} and goes to step 3 under the same id, so that a receiver can
 *       tell a repeat.
 * </ol>
 *
 * <p>Promises: what was answered 202 is delivered at least once or fails with a reason in its
 * timeline. After a crash an attempt whose end nobody saw is shown as {@code interrupted} and made
 * again under the same Message-ID or webhook-id. A lane shares nothing but the database with
 * another: workers, connections and partition are its own.
 *
 * <p>Threads: two per lane and one per attempt under way, all virtual; no lock is held across I/O.
 */
@NullMarked
package dev.quintet.notify;

import org.jspecify.annotations.NullMarked;
