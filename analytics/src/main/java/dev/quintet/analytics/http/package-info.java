/** Analytics over HTTP: the Segment API for those who send events, our own for those who ask. */
@NullMarked
package dev.quintet.analytics.http;

import org.jspecify.annotations.NullMarked;
