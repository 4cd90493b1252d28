/**
 * The one door through which our own files are written. Everything durable is written in one order:
 * write, force the file, rename, force the folder; {@link dev.quintet.platform.disk.Disk} is an
 * interface so that tests can cut the power between any two of these.
 */
@NullMarked
package dev.quintet.platform.disk;

import org.jspecify.annotations.NullMarked;
