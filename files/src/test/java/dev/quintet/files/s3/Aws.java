package dev.quintet.files.s3;

import dev.quintet.files.s3.WireRequest.Field;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The examples of the AWS documentation, in which the secret and all signatures are printed. */
final class Aws {

    static final String KEY = "AKIAIOSFODNN7EXAMPLE";
    static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    static final Instant DAY = Instant.parse("2013-05-24T00:00:00Z");
    static final String HOST = "examplebucket.s3.amazonaws.com";

    private Aws() {}

    static SignatureCheck check(Instant now) {
        Caller caller =
                new Caller("s3:" + KEY, Caller.ROOT, Optional.empty(), Set.of(Scope.FILES_READ));
        return new SignatureCheck(
                "us-east-1",
                () -> now,
                id ->
                        id.equals(KEY)
                                ? Optional.of(new SignatureCheck.Key(SECRET, caller))
                                : Optional.empty());
    }

    static WireRequest request(String method, String path, String query, String... headers) {
        List<Field> fields = new ArrayList<>();
        for (int at = 0; at < headers.length; at += 2) {
            fields.add(new Field(headers[at], headers[at + 1]));
        }
        List<Field> parameters =
                query.isEmpty()
                        ? List.of()
                        : Arrays.stream(query.split("&", -1))
                                .map(pair -> pair.split("=", 2))
                                .map(pair ->
                                        new Field(
                                                decode(pair[0]),
                                                pair.length == 2 ? decode(pair[1]) : ""))
                                .toList();
        return new WireRequest(method, path, parameters, fields);
    }

    static String authorization(String signedHeaders, String signature) {
        return "AWS4-HMAC-SHA256 Credential="
                + KEY
                + "/20130524/us-east-1/s3/aws4_request,SignedHeaders="
                + signedHeaders
                + ",Signature="
                + signature;
    }

    private static String decode(String text) {
        return java.net.URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
