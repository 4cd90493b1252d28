/**
 * Files: uploads that survive any break, an S3 API on the same objects, and safe delivery.
 *
 * <p>Life of an upload: 1. {@code POST /files} opens it: {@link dev.quintet.files.Uploads} writes a
 * row with owner, length and name, and no byte; 2. {@code PATCH} appends: {@link
 * dev.quintet.platform.blobs.Receiving} makes the bytes durable every 16 MiB and at every break; 3.
 * after a break {@code HEAD} ends the request that still hangs and answers what is durable; 4. the
 * last byte commits the blob, and then one transaction turns the upload's row into a file's, takes
 * over the key, and announces {@link dev.quintet.files.UploadStored}; 5. the file is read by {@code
 * GET /files/file_...}, by a signed link, or by S3 under its key, from the same bytes; 6. replaced
 * or deleted, its row goes at once and its bytes hours later by {@link dev.quintet.files.Sweep}.
 *
 * <p>Threads: everything runs on the thread of its request; the one append that is under way for an
 * upload is held by {@code Blobs}, and a request that resumes ends it.
 *
 * <p>Promises: an offset or a 2xx that was answered survives kill -9 and a power cut; an upload is
 * visible whole or not at all, by every door at once; a crash between bytes and row leaves an
 * orphan for the sweep, never a row without bytes.
 */
@NullMarked
package dev.quintet.files;

import org.jspecify.annotations.NullMarked;
