/**
 * The master key and what grows from it: keys by purpose, sealed values that can be read back, and
 * HMACs of what is only compared. Nothing here ever prints a key.
 */
@NullMarked
package dev.quintet.platform.keys;

import org.jspecify.annotations.NullMarked;
