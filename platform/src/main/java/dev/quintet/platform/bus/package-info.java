/**
 * Hints from node to node, lossy by contract: they make things faster, never right. What must not
 * be lost is read from PostgreSQL.
 */
@NullMarked
package dev.quintet.platform.bus;

import org.jspecify.annotations.NullMarked;
