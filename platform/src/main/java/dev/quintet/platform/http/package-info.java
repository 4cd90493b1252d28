/**
 * The one door to the network, and the only package that names the HTTP engine.
 *
 * <p>Life of a request: 1. an event loop reads the head and hands the socket's bytes to a {@link
 * dev.quintet.platform.http.Body} of at most eight waiting buffers; 2. {@code Exchange} takes over
 * on its own virtual thread; 3. the {@code RouteTable} finds the route, or the refusal says which
 * methods there are; 4. the caller is resolved and the route's scope checked; 5. a permit of the
 * route's {@link dev.quintet.platform.http.Lane} is taken, or the answer is 503; 6. the handler
 * runs as plain blocking code; 7. the answer, or the refusal in the group's own form, is written;
 * 8. access log, metrics and the {@link dev.quintet.platform.http.Observer} hear of it.
 *
 * <p>Event loops never block and handlers never run on them.
 */
@NullMarked
package dev.quintet.platform.http;

import org.jspecify.annotations.NullMarked;
