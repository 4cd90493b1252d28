/**
 * Measures the built server from outside, through its launcher, its port and {@code /proc}; keeps
 * the figures in {@code bench/results}. The load shares the machine with the server, so each figure
 * comes with who used the processors. Linux only.
 */
@NullMarked
package dev.quintet.bench;

import org.jspecify.annotations.NullMarked;
