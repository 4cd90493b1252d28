/**
 * The event log: a request's bytes are appended, checksummed, forced together with all that wait,
 * acknowledged, and later read by position.
 *
 * <p>{@link dev.quintet.platform.log.LocalEventLog} keeps them in segment files. A length without a
 * checksum never counts; the next segment's head says where the one before ends, so that nothing
 * behind that place counts either. With several nodes Kafka stands behind the same interface: what
 * every engine keeps is said by {@code EventLogContract}, and no position tells what it is made of.
 */
@NullMarked
package dev.quintet.platform.log;

import org.jspecify.annotations.NullMarked;
