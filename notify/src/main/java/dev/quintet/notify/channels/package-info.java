/** The ways out of notify, one file each. */
@NullMarked
package dev.quintet.notify.channels;

import org.jspecify.annotations.NullMarked;
