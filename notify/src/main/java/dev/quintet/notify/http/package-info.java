/** Notify on the wire: its own API under {@code /api/v1}. */
@NullMarked
package dev.quintet.notify.http;

import org.jspecify.annotations.NullMarked;
