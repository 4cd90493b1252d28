/** Auth's routes and pages: the only place that knows its wire words. */
@NullMarked
package dev.quintet.auth.http;

import org.jspecify.annotations.NullMarked;
