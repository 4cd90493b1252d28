/**
 * The vocabulary that all five systems share: how a request is refused, how an id is made and
 * shown, how long it may take. Nothing here knows a noun of any one system.
 */
@NullMarked
package dev.quintet.platform;

import org.jspecify.annotations.NullMarked;
