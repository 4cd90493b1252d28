/**
 * The S3 door: path-style requests at the root of its own port, signed by SigV4, on the same
 * objects as every other door.
 *
 * <p>Life of a PutObject: 1. {@code S3Door} reads the wire request once, undecoded; 2. {@code
 * SignatureCheck} finds the access key and checks the signature over exactly those bytes; 3. {@code
 * Payload} turns the body into the object's bytes, checking chunk signatures as they pass; 4. the
 * bytes go into {@link dev.quintet.files.Files} as they come; 5. {@code Payload.verify} compares
 * length, digests and trailers, and only then the object is committed and becomes visible.
 *
 * <p>Everything that is not here answers {@code NotImplemented} and names what it was.
 */
@NullMarked
package dev.quintet.files.s3;

import org.jspecify.annotations.NullMarked;
