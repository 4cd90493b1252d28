/**
 * Who asks, for which organisation, with which rights. A {@link dev.quintet.platform.caller.Caller}
 * is a parameter, never ambient.
 */
@NullMarked
package dev.quintet.platform.caller;

import org.jspecify.annotations.NullMarked;
