/**
 * The transactional outbox: {@code tx.announce(event)} inside the writing transaction, {@code
 * events.on(...)} for those who react, at least once and in the order of each key.
 */
@NullMarked
package dev.quintet.platform.events;

import org.jspecify.annotations.NullMarked;
