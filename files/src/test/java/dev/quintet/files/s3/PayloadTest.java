package dev.quintet.files.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Refused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class PayloadTest {

    private static final byte[] DOCUMENTED = "a".repeat(66560).getBytes(StandardCharsets.US_ASCII);
    private static final String TIME = "20130524T000000Z";
    private static final String SEED =
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    private static final String TRAILER_SEED =
            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    private static final CredentialScope SCOPE =
            new CredentialScope("20130524", "us-east-1", "s3", "aws4_request");

    private static PayloadRule rule(String value, String seed) {
        return PayloadRule.of(value, SigningKey.derive(Aws.SECRET, SCOPE), TIME, seed);
    }

    private static PayloadRule signed() {
        return rule("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", SEED);
    }

    private static final String FIRST =
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
    private static final String SECOND =
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
    private static final String LAST =
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";

    private static String chunk(int length, String signature) {
        return Integer.toHexString(length)
                + ";chunk-signature="
                + signature
                + "\r\n"
                + "a".repeat(length)
                + "\r\n";
    }

    private static String end(String signature) {
        return "0;chunk-signature=" + signature + "\r\n\r\n";
    }

    @Test
    void the_documented_signed_chunks_are_believed() throws IOException {
        assertThat(read(signed(), chunk(65536, FIRST) + chunk(1024, SECOND) + end(LAST)))
                .isEqualTo(DOCUMENTED);
    }

    @Test
    void a_chunk_that_was_changed_dropped_or_swapped_is_refused() {
        String good = chunk(65536, FIRST) + chunk(1024, SECOND) + end(LAST);
        refused("SignatureDoesNotMatch", signed(), good.replaceFirst("aaa", "aba"));
        refused(
                "SignatureDoesNotMatch",
                signed(),
                chunk(1024, SECOND) + chunk(65536, FIRST) + end(LAST));
        refused("SignatureDoesNotMatch", signed(), chunk(65536, FIRST) + end(LAST));
        refused(
                "SignatureDoesNotMatch",
                signed(),
                chunk(65536, FIRST) + chunk(1024, SECOND) + end(SECOND));
        refused(
                "SignatureDoesNotMatch",
                rule("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0" + SEED.substring(1)),
                good);
    }

    @Test
    void a_body_without_its_last_chunk_or_with_something_behind_it_is_refused() {
        String chunks = chunk(65536, FIRST) + chunk(1024, SECOND);
        refused("IncompleteBody", signed(), chunks);
        refused("IncompleteBody", signed(), chunks.substring(0, 60000));
        refused("InvalidRequest", signed(), chunks + end(LAST) + "x");
        refused("InvalidRequest", signed(), chunks + "0\r\n\r\n");
        refused("InvalidRequest", signed(), "10000\n" + chunks);
        refused("InvalidRequest", signed(), "-1;chunk-signature=" + FIRST + "\r\n");
        refused("InvalidRequest", signed(), "ffffffffffffffff;chunk-signature=" + FIRST + "\r\n");
        refused(
                "IncompleteBody",
                signed(),
                chunk(65536, FIRST).replace("a\r\n", "aa\r\n") + end(LAST));
    }

    private static final String T_FIRST =
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2";
    private static final String T_SECOND =
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7";
    private static final String T_LAST =
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992";
    private static final String T_TRAILER =
            "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";

    private static String withTrailer(String trailer) {
        return chunk(65536, T_FIRST)
                + chunk(1024, T_SECOND)
                + "0;chunk-signature="
                + T_LAST
                + "\r\n"
                + trailer
                + "\r\n";
    }

    private static PayloadRule signedTrailer() {
        return rule("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", TRAILER_SEED);
    }

    @Test
    void the_documented_signed_trailer_is_believed() throws IOException {
        String trailer =
                "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:" + T_TRAILER + "\r\n";
        Payload payload =
                payload(
                        signedTrailer(),
                        withTrailer(trailer),
                        "x-amz-trailer",
                        "x-amz-checksum-crc32c");
        assertThat(payload.readAllBytes()).isEqualTo(DOCUMENTED);
        assertThat(payload.checksum()).contains("sOO8/Q==");
    }

    @Test
    void a_trailer_without_its_signature_is_not_believed() {
        String[] announced = {"x-amz-trailer", "x-amz-checksum-crc32c"};
        refused(
                "SignatureDoesNotMatch",
                signedTrailer(),
                withTrailer("x-amz-checksum-crc32c:sOO8/Q==\r\n"),
                announced);
        refused(
                "SignatureDoesNotMatch",
                signedTrailer(),
                withTrailer(
                        "x-amz-checksum-crc32c:sOO8/A==\r\nx-amz-trailer-signature:"
                                + T_TRAILER
                                + "\r\n"),
                announced);
    }

    @Test
    void an_unsigned_trailer_is_compared_for_every_algorithm() throws IOException {
        byte[] bytes = new byte[100_000];
        new Random(7).nextBytes(bytes);
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            ChecksumAlgorithm.Sum sum = algorithm.start();
            sum.update(bytes, 0, bytes.length);
            String right = Base64.getEncoder().encodeToString(sum.value());
            Payload payload =
                    payload(
                            unsigned(),
                            frame(bytes, algorithm, right),
                            bytes.length,
                            "x-amz-trailer",
                            algorithm.header());
            assertThat(payload.readAllBytes()).isEqualTo(bytes);
            assertThat(payload.checksum()).contains(right);
            byte[] wrong = sum(algorithm, "other");
            refused(
                    "BadDigest",
                    () ->
                            payload(
                                    unsigned(),
                                    frame(
                                            bytes,
                                            algorithm,
                                            Base64.getEncoder().encodeToString(wrong)),
                                    bytes.length,
                                    "x-amz-trailer",
                                    algorithm.header()));
        }
    }

    @Test
    void a_trailer_must_be_the_announced_one() {
        byte[] bytes = {1, 2, 3};
        refused(
                "MalformedTrailerError",
                () ->
                        payload(
                                unsigned(),
                                frame(bytes, ChecksumAlgorithm.CRC32, "AAAAAA=="),
                                3,
                                "x-amz-trailer",
                                "x-amz-checksum-sha1"));
        refused(
                "MalformedTrailerError",
                () -> payload(unsigned(), frame(bytes, ChecksumAlgorithm.CRC32, "AAAAAA=="), 3));
        refused(
                "InvalidDigest",
                () ->
                        payload(
                                unsigned(),
                                frame(bytes, ChecksumAlgorithm.CRC32, "AAAA"),
                                3,
                                "x-amz-trailer",
                                "x-amz-checksum-crc32"));
        refused(
                "InvalidRequest",
                () ->
                        payload(
                                unsigned(),
                                frame(bytes, ChecksumAlgorithm.CRC32, "AAAAAA=="),
                                3,
                                "x-amz-trailer",
                                "x-evil"));
    }

    @Test
    void the_announced_length_holds_to_the_byte() {
        byte[] bytes = {1, 2, 3};
        refused(
                "IncompleteBody",
                () ->
                        payload(
                                unsigned(),
                                frame(bytes, ChecksumAlgorithm.CRC32, "VbyBHQ=="),
                                4,
                                "x-amz-trailer",
                                "x-amz-checksum-crc32"));
        refused(
                "IncompleteBody",
                () ->
                        payload(
                                unsigned(),
                                frame(bytes, ChecksumAlgorithm.CRC32, "VbyBHQ=="),
                                2,
                                "x-amz-trailer",
                                "x-amz-checksum-crc32"));
    }

    @Test
    void digests_in_headers_are_compared() throws IOException {
        byte[] bytes = "hello".getBytes(StandardCharsets.US_ASCII);
        PayloadRule hashed =
                rule("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", SEED);
        Payload good = payload(hashed, bytes, 5, "Content-MD5", "XUFAKrxLKna5cZ2REBfFkg==");
        assertThat(good.readAllBytes()).isEqualTo(bytes);
        assertThat(good.md5()).isEqualTo("5d41402abc4b2a76b9719d911017c592");
        refused(
                "XAmzContentSHA256Mismatch",
                () -> payload(hashed, "hellO".getBytes(StandardCharsets.US_ASCII), 5));
        refused(
                "BadDigest",
                () -> payload(hashed, bytes, 5, "Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="));
        refused("InvalidDigest", () -> payload(hashed, bytes, 5, "Content-MD5", "XUFA"));
        refused("BadDigest", () -> payload(hashed, bytes, 5, "x-amz-checksum-crc32", "AAAAAA=="));
        refused(
                "InvalidRequest",
                () ->
                        payload(
                                hashed,
                                bytes,
                                5,
                                "x-amz-checksum-crc32",
                                "NhCmhg==",
                                "x-amz-checksum-crc32c",
                                "mnG7TA=="));
    }

    @Test
    void crc_64_nvme_gives_the_published_check_value_however_it_is_fed() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        Crc64Nvme whole = new Crc64Nvme();
        whole.update(digits);
        assertThat(whole.getValue()).isEqualTo(0xAE8B14860A799888L);
        byte[] bytes = new byte[1000];
        new Random(11).nextBytes(bytes);
        Crc64Nvme fast = new Crc64Nvme();
        Crc64Nvme slow = new Crc64Nvme();
        fast.update(bytes, 3, 991);
        for (int at = 3; at < 994; at++) {
            slow.update(bytes[at]);
        }
        assertThat(fast.getValue()).isEqualTo(slow.getValue());
        CRC32C other = new CRC32C();
        other.update(bytes);
        assertThat(fast.getValue()).isNotEqualTo(other.getValue());
    }

    private static PayloadRule unsigned() {
        return rule("STREAMING-UNSIGNED-PAYLOAD-TRAILER", SEED);
    }

    private static byte[] sum(ChecksumAlgorithm algorithm, String text) {
        ChecksumAlgorithm.Sum sum = algorithm.start();
        sum.update(text.getBytes(StandardCharsets.US_ASCII), 0, text.length());
        return sum.value();
    }

    private static byte[] frame(byte[] bytes, ChecksumAlgorithm algorithm, String value) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        for (int at = 0; at < bytes.length; at += 8192) {
            int length = Math.min(8192, bytes.length - at);
            out.writeBytes(
                    (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(bytes, at, length);
            out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(
                ("0\r\n" + algorithm.header() + ":" + value + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static Payload payload(PayloadRule rule, String body, String... headers) {
        return payload(rule, body.getBytes(StandardCharsets.US_ASCII), DOCUMENTED.length, headers);
    }

    private static Payload payload(PayloadRule rule, byte[] body, int length, String... headers) {
        List<String> all = new java.util.ArrayList<>(List.of(headers));
        all.addAll(
                List.of(
                        "content-length",
                        "" + length,
                        "x-amz-decoded-content-length",
                        "" + length));
        WireRequest wire = Aws.request("PUT", "/b/k", "", all.toArray(String[]::new));
        return Payload.of(new ByteArrayInputStream(body), rule, Expected.of(wire, rule));
    }

    private static byte[] read(PayloadRule rule, String body, String... headers)
            throws IOException {
        return payload(rule, body, headers).readAllBytes();
    }

    private static void refused(String code, PayloadRule rule, String body, String... headers) {
        refused(code, () -> payload(rule, body, headers));
    }

    private static void refused(String code, java.util.function.Supplier<Payload> payload) {
        assertThatThrownBy(() -> payload.get().readAllBytes())
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(((S3Refusal) refused.refusal()).code())
                                        .as(refused.detail())
                                        .isEqualTo(code));
    }
}
