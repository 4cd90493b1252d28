/** Sign-in, OAuth 2 and OpenID Connect. */
@NullMarked
package dev.quintet.auth;

import org.jspecify.annotations.NullMarked;
