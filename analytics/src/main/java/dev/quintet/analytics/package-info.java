/** Events of products and their people: taken in durably, loaded exactly once, asked by SQL. */
@NullMarked
package dev.quintet.analytics;

import org.jspecify.annotations.NullMarked;
