/**
 * Who a person is: one row and one id ({@code user_...}) for everybody that any system addresses or
 * names, from our own sign-in, from the product's own directory, or from a foreign issuer.
 */
@NullMarked
package dev.quintet.platform.people;

import org.jspecify.annotations.NullMarked;
