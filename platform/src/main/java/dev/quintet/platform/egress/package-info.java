/**
 * The only way out for requests to addresses that users give (webhooks, jwks_uri, imports, push
 * endpoints). Safe against server-side request forgery: what a name resolves to is checked at the
 * moment of connecting, and the connection goes to exactly what was checked.
 */
@NullMarked
package dev.quintet.platform.egress;

import org.jspecify.annotations.NullMarked;
