/** Chat over REST: the twins of the socket's calls. */
@NullMarked
package dev.quintet.chat.http;

import org.jspecify.annotations.NullMarked;
