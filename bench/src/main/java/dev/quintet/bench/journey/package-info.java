/**
 * The journey's twin: five clients use the five systems of a real server, which is killed or
 * drained under them by a seed. Each client keeps a list of what it was told is done; afterwards
 * everything on it must be there, once.
 */
@NullMarked
package dev.quintet.bench.journey;

import org.jspecify.annotations.NullMarked;
