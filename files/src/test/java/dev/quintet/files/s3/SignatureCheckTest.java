package dev.quintet.files.s3;

import static dev.quintet.files.s3.Aws.DAY;
import static dev.quintet.files.s3.Aws.HOST;
import static dev.quintet.files.s3.Aws.authorization;
import static dev.quintet.files.s3.Aws.check;
import static dev.quintet.files.s3.Aws.request;
import static dev.quintet.files.s3.SigningKey.EMPTY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SignatureCheckTest {

    private static final String GET_SIGNED = "host;range;x-amz-content-sha256;x-amz-date";
    private static final String GET_SIGNATURE =
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";

    private static WireRequest get(String... more) {
        List<String> headers =
                new ArrayList<>(
                        List.of(
                                "Host",
                                HOST,
                                "Range",
                                "bytes=0-9",
                                "x-amz-content-sha256",
                                EMPTY,
                                "x-amz-date",
                                "20130524T000000Z"));
        headers.addAll(List.of(more));
        return request("GET", "/test.txt", "", headers.toArray(String[]::new));
    }

    private static WireRequest signedGet(String signature) {
        return get("Authorization", authorization(GET_SIGNED, signature));
    }

    @Test
    void the_documented_get_is_believed() {
        assertThat(check(DAY).check(signedGet(GET_SIGNATURE)).payload())
                .isEqualTo(new PayloadRule.Hashed(EMPTY));
    }

    @Test
    void the_documented_put_is_believed() {
        WireRequest put =
                request(
                        "PUT",
                        "/test$file.text",
                        "",
                        "Host",
                        HOST,
                        "Date",
                        "Fri, 24 May 2013 00:00:00 GMT",
                        "x-amz-date",
                        "20130524T000000Z",
                        "x-amz-storage-class",
                        "REDUCED_REDUNDANCY",
                        "x-amz-content-sha256",
                        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                        "Authorization",
                        authorization(
                                "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
        assertThatCode(() -> check(DAY).check(put)).doesNotThrowAnyException();
    }

    @Test
    void the_documented_list_with_a_query_is_believed() {
        WireRequest list =
                request(
                        "GET",
                        "/",
                        "max-keys=2&prefix=J",
                        "Host",
                        HOST,
                        "x-amz-date",
                        "20130524T000000Z",
                        "x-amz-content-sha256",
                        EMPTY,
                        "Authorization",
                        authorization(
                                "host;x-amz-content-sha256;x-amz-date",
                                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
        assertThatCode(() -> check(DAY).check(list)).doesNotThrowAnyException();
    }

    private static WireRequest presigned(String method, String expires, String... headers) {
        List<String> all = new ArrayList<>(List.of("Host", HOST));
        all.addAll(List.of(headers));
        return request(
                method,
                "/test.txt",
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires="
                        + expires
                        + "&X-Amz-SignedHeaders=host"
                        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
                all.toArray(String[]::new));
    }

    @Test
    void the_documented_presigned_address_is_believed_until_it_expires() {
        assertThat(check(DAY.plus(Duration.ofHours(23))).check(presigned("GET", "86400")).payload())
                .isEqualTo(new PayloadRule.Plain());
        refused(
                "AccessDenied",
                () -> check(DAY.plus(Duration.ofHours(25))).check(presigned("GET", "86400")));
    }

    @Test
    void a_presigned_address_is_for_its_method_its_expiry_and_its_headers_alone() {
        refused("SignatureDoesNotMatch", () -> check(DAY).check(presigned("DELETE", "86400")));
        refused("SignatureDoesNotMatch", () -> check(DAY).check(presigned("GET", "86401")));
        refused(
                "AccessDenied",
                () ->
                        check(DAY)
                                .check(
                                        presigned(
                                                "GET",
                                                "86400",
                                                "x-amz-copy-source",
                                                "/other/secret")));
        refused(
                "AuthorizationQueryParametersError",
                () -> check(DAY).check(presigned("GET", "604801")));
        refused("AuthorizationQueryParametersError", () -> check(DAY).check(presigned("GET", "0")));
    }

    @Test
    void one_changed_digit_of_the_signature_is_enough_to_be_refused() {
        refused(
                "SignatureDoesNotMatch",
                () -> check(DAY).check(signedGet("0" + GET_SIGNATURE.substring(1))));
    }

    @Test
    void a_clock_that_is_more_than_fifteen_minutes_off_is_refused() {
        Duration skew = Duration.ofMinutes(15);
        assertThatCode(() -> check(DAY.plus(skew)).check(signedGet(GET_SIGNATURE)))
                .doesNotThrowAnyException();
        assertThatCode(() -> check(DAY.minus(skew)).check(signedGet(GET_SIGNATURE)))
                .doesNotThrowAnyException();
        refused(
                "RequestTimeTooSkewed",
                () -> check(DAY.plus(skew).plusSeconds(1)).check(signedGet(GET_SIGNATURE)));
        refused(
                "RequestTimeTooSkewed",
                () -> check(DAY.minus(skew).minusSeconds(1)).check(signedGet(GET_SIGNATURE)));
    }

    @Test
    void another_region_service_or_day_is_refused_even_with_a_good_signature() {
        for (String scope :
                List.of(
                        "20130524/eu-west-1/s3/aws4_request",
                                "20130524/us-east-1/s3tables/aws4_request",
                        "20130524/us-east-1/s3/aws4_requests",
                                "20130525/us-east-1/s3/aws4_request")) {
            String[] part = scope.split("/", -1);
            CredentialScope other = new CredentialScope(part[0], part[1], part[2], part[3]);
            WireRequest unsigned = get();
            String signature =
                    SigningKey.derive(Aws.SECRET, other)
                            .signRequest(
                                    "20130524T000000Z",
                                    CanonicalRequest.of(
                                            unsigned, List.of(GET_SIGNED.split(";", -1)), EMPTY));
            String header =
                    "AWS4-HMAC-SHA256 Credential="
                            + Aws.KEY
                            + "/"
                            + scope
                            + ",SignedHeaders="
                            + GET_SIGNED
                            + ",Signature="
                            + signature;
            refused(
                    "AuthorizationHeaderMalformed",
                    () -> check(DAY).check(get("Authorization", header)));
        }
    }

    @Test
    void a_header_that_adds_a_meaning_must_be_signed() {
        refused(
                "AccessDenied",
                () ->
                        check(DAY)
                                .check(
                                        get(
                                                "Authorization",
                                                authorization(GET_SIGNED, GET_SIGNATURE),
                                                "x-amz-copy-source",
                                                "/other/secret")));
    }

    @Test
    void the_host_must_be_signed() {
        refused(
                "AccessDenied",
                () ->
                        check(DAY)
                                .check(
                                        get(
                                                "Authorization",
                                                authorization(
                                                        "range;x-amz-content-sha256;x-amz-date",
                                                        GET_SIGNATURE))));
    }

    @Test
    void a_doubled_header_is_refused_or_changes_what_is_signed() {
        String good = authorization(GET_SIGNED, GET_SIGNATURE);
        refused(
                "InvalidArgument",
                () -> check(DAY).check(get("Authorization", good, "Authorization", good)));
        refused(
                "InvalidArgument",
                () ->
                        check(DAY)
                                .check(
                                        get(
                                                "Authorization",
                                                good,
                                                "x-amz-date",
                                                "20130524T000001Z")));
        refused(
                "InvalidArgument",
                () -> check(DAY).check(get("Authorization", good, "Host", "other")));
        refused(
                "SignatureDoesNotMatch",
                () -> check(DAY).check(get("Authorization", good, "Range", "bytes=0-99")));
    }

    @Test
    void unknown_keys_old_versions_and_no_signature_at_all_are_refused_by_their_own_codes() {
        refused("AccessDenied", () -> check(DAY).check(get()));
        refused("AccessDenied", () -> check(DAY).check(get("Authorization", "Bearer abc")));
        refused(
                "InvalidRequest",
                () -> check(DAY).check(get("Authorization", "AWS " + Aws.KEY + ":c2ln")));
        refused(
                "InvalidAccessKeyId",
                () ->
                        check(DAY)
                                .check(
                                        get(
                                                "Authorization",
                                                authorization(GET_SIGNED, GET_SIGNATURE)
                                                        .replace(Aws.KEY, "AKIAOTHER"))));
    }

    @Test
    void a_path_is_signed_as_it_came_and_never_normalised() {
        WireRequest unsigned =
                request(
                        "GET",
                        "/b/../c//%2e/ü+ *~",
                        "",
                        "Host",
                        HOST,
                        "x-amz-date",
                        "20130524T000000Z");
        assertThat(CanonicalRequest.of(unsigned, List.of("host"), EMPTY))
                .startsWith("GET\n/b/../c//%252e/%C3%BC%2B%20%2A~\n\nhost:" + HOST + "\n");
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(((S3Refusal) refused.refusal()).code())
                                        .as(refused.detail())
                                        .isEqualTo(code));
    }
}
