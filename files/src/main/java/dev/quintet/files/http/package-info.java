/** What clients of files see over HTTP: tus, delivery of stored files, and our own API. */
@NullMarked
package dev.quintet.files.http;

import org.jspecify.annotations.NullMarked;
