/**
 * Settings: one record per concern, bound from a YAML file, the environment and the command line.
 *
 * <p>A setting is a record component with its sentence, default and bounds beside it:
 *
 * <pre>{@code
 * public record HttpConfig(
 *         @Setting(value = "The port that everything but S3 is served on; 0 = any free one.", byDefault = "8080", min = "0", max = "65535")
 *                 int port,
 *         @Setting("Host that user content is served from; unset, it goes out as attachment.")
 *                 Optional<URI> contentUrl) {}
 * }</pre>
 *
 * <p>Types: {@code String}, {@code int}, {@code long}, {@code boolean}, {@code Duration} ({@code
 * 300ms 30s 5m 2h 7d} or ISO), {@code URI}, {@code Path}, {@link
 * dev.quintet.platform.config.Secret}, any enum, any type with a {@code public static
 * parse(String)} ({@code DataSize}); {@code Optional}, {@code List} and {@code Map<String, ...>} of
 * these, nested records, and lists and maps of records. What is not {@code Optional}, a list, a map
 * or a record has a default. Rules over several components stand in the compact constructor and
 * throw {@code IllegalArgumentException}. A record may be public in any package; a test makes one
 * by {@link dev.quintet.platform.config.Settings#defaults}.
 *
 * <p>Key {@code files.contentUrl} is variable {@code QUINTET_FILES_CONTENT_URL}; lists are split at
 * commas; a list or map of records in a variable is YAML in one line. The command line wins over
 * the environment, the environment over the file.
 */
@NullMarked
package dev.quintet.platform.config;

import org.jspecify.annotations.NullMarked;
