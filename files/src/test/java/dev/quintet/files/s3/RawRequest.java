package dev.quintet.files.s3;

import dev.quintet.files.s3.WireRequest.Field;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Signs what no decent client would send. */
public final class RawRequest {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final String id;
    private final String secret;
    private final URI door;
    private final String time;

    public RawRequest(String id, String secret, URI door, Instant now) {
        this.id = id;
        this.secret = secret;
        this.door = door;
        this.time = TIME.format(now);
    }

    /** The headers to send, but Host, which the client adds by itself. */
    public Map<String, String> sign(
            String method, String path, String payloadHash, Map<String, String> more) {
        TreeMap<String, String> signed = new TreeMap<>(more);
        signed.put("host", door.getAuthority());
        signed.put("x-amz-date", time);
        signed.put("x-amz-content-sha256", payloadHash);
        List<Field> headers =
                signed.entrySet().stream().map(e -> new Field(e.getKey(), e.getValue())).toList();
        WireRequest wire = new WireRequest(method, path, List.of(), headers);
        List<String> names = List.copyOf(signed.keySet());
        String signature = key().signRequest(time, CanonicalRequest.of(wire, names, payloadHash));
        Map<String, String> out = new LinkedHashMap<>(signed);
        out.remove("host");
        out.put(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential="
                        + id
                        + "/"
                        + scope()
                        + ",SignedHeaders="
                        + String.join(";", names)
                        + ",Signature="
                        + signature);
        return out;
    }

    /** A signed address: path and query, with {@code more} in the query that is signed. */
    public String presign(String method, String path, Map<String, String> more) {
        Map<String, String> query = new LinkedHashMap<>(more);
        query.put("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
        query.put("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
        query.put("X-Amz-Credential", id + "/" + scope());
        query.put("X-Amz-Date", time);
        query.put("X-Amz-Expires", "600");
        query.put("X-Amz-SignedHeaders", "host");
        List<Field> fields =
                query.entrySet().stream().map(e -> new Field(e.getKey(), e.getValue())).toList();
        WireRequest wire =
                new WireRequest(
                        method, path, fields, List.of(new Field("host", door.getAuthority())));
        query.put(
                "X-Amz-Signature",
                key().signRequest(
                                time,
                                CanonicalRequest.of(wire, List.of("host"), "UNSIGNED-PAYLOAD")));
        return path
                + '?'
                + query.entrySet().stream()
                        .map(e ->
                                UriEncoding.encode(e.getKey())
                                        + '='
                                        + UriEncoding.encode(e.getValue()))
                        .collect(Collectors.joining("&"));
    }

    /** One signed chunk and the last one, chained to the signature in {@code headers}. */
    public byte[] signedChunks(Map<String, String> headers, String said, String sent) {
        String seed = String.valueOf(headers.get("Authorization")).replaceAll(".*Signature=", "");
        String first =
                key().signChunk(time, seed, SigningKey.hex(said.getBytes(StandardCharsets.UTF_8)));
        String last = key().signChunk(time, first, SigningKey.EMPTY);
        return (Integer.toHexString(sent.length())
                        + ";chunk-signature="
                        + first
                        + "\r\n"
                        + sent
                        + "\r\n0;chunk-signature="
                        + last
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private CredentialScope scope() {
        return new CredentialScope(time.substring(0, 8), "us-east-1", "s3", "aws4_request");
    }

    private SigningKey key() {
        return SigningKey.derive(secret, scope());
    }
}
