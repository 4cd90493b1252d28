/**
 * Who did what to which thing, when, from where, and with which result; written in the transaction
 * that did it, never changed, never holding a secret.
 */
@NullMarked
package dev.quintet.platform.audit;

import org.jspecify.annotations.NullMarked;
