package dev.quintet.files;

import static dev.quintet.files.Samples.bytes;
import static dev.quintet.files.Samples.header;
import static dev.quintet.files.Samples.member;
import static dev.quintet.files.Samples.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** The AWS SDK as it comes, against the S3 door. */
class S3ClientTest {

    private static final Samples it = new Samples("maxSize", "64m");
    private static final Credentials SERVER = credentials("server");
    private static final S3Client s3 = client(SERVER);

    record Credentials(String id, String secret) {
        StaticCredentialsProvider provider() {
            return StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret));
        }
    }

    @AfterAll
    static void close() {
        s3.close();
        it.close();
    }

    private static Credentials credentials(String bearer) {
        HttpResponse<byte[]> made =
                it.call("POST", "/api/v1/files/access-keys").as(bearer).json("{}").gives(201);
        return new Credentials(member(made, "accessKeyId"), member(made, "secretAccessKey"));
    }

    private static S3Client client(Credentials credentials) {
        return S3Client.builder()
                .endpointOverride(it.node.s3.base())
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(credentials.provider())
                .build();
    }

    private static String bucket(String name) {
        s3.createBucket(b -> b.bucket(name));
        return name;
    }

    @Test
    void buckets_are_made_seen_and_listed() {
        bucket("made-here");
        s3.headBucket(b -> b.bucket("made-here"));
        assertThat(s3.listBuckets().buckets().stream().map(each -> each.name()))
                .contains("made-here", "uploads");
        refused("BucketAlreadyOwnedByYou", 409, () -> s3.createBucket(b -> b.bucket("made-here")));
        refused("NoSuchBucket", 404, () -> s3.listObjectsV2(b -> b.bucket("not-there")));
        assertThatThrownBy(() -> s3.headBucket(b -> b.bucket("not-there")))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(404));
    }

    @Test
    void an_object_comes_back_as_it_was_put_with_the_clients_default_checksums() {
        String bucket = bucket("plain");
        byte[] all = bytes(1, 3_000_000);
        PutObjectResponse put =
                s3.putObject(
                        b ->
                                b.bucket(bucket)
                                        .key("dir/a b+c%2Fü~'(*)!.bin")
                                        .contentType("image/png")
                                        .cacheControl("max-age=1")
                                        .contentDisposition("inline")
                                        .metadata(Map.of("colour", "blue")),
                        RequestBody.fromBytes(all));
        assertThat(put.checksumCRC32()).isNotNull();
        String id = put.sdkHttpResponse().firstMatchingHeader("x-quintet-file-id").orElseThrow();
        var got =
                s3.getObjectAsBytes(b ->
                        b.bucket(bucket)
                                .key("dir/a b+c%2Fü~'(*)!.bin")
                                .checksumMode(ChecksumMode.ENABLED));
        assertThat(got.asByteArray()).isEqualTo(all);
        GetObjectResponse head = got.response();
        assertThat(head.eTag()).isEqualTo(put.eTag());
        assertThat(head.contentType()).isEqualTo("image/png");
        assertThat(head.cacheControl()).isEqualTo("max-age=1");
        assertThat(head.metadata()).containsEntry("colour", "blue");
        assertThat(head.checksumCRC32()).isEqualTo(put.checksumCRC32());
        assertThat(head.contentDisposition()).startsWith("attachment;");
        HeadObjectResponse only =
                s3.headObject(b -> b.bucket(bucket).key("dir/a b+c%2Fü~'(*)!.bin"));
        assertThat(only.contentLength()).isEqualTo(all.length);
        assertThat(only.sdkHttpResponse().firstMatchingHeader("x-quintet-file-id")).contains(id);
        assertThat(it.call("GET", "/files/" + id).as("server").gives(200).body()).isEqualTo(all);
        assertThat(it.announced)
                .anySatisfy(event ->
                        assertThat(event)
                                .isInstanceOfSatisfying(
                                        UploadStored.class,
                                        stored ->
                                                assertThat(Files.ID.show(stored.file()))
                                                        .isEqualTo(id)));
    }

    @Test
    void every_checksum_algorithm_of_the_client_is_verified_and_given_back() {
        String bucket = bucket("sums");
        byte[] all = bytes(2, 300_000);
        for (ChecksumAlgorithm algorithm :
                List.of(
                        ChecksumAlgorithm.CRC32,
                        ChecksumAlgorithm.CRC32_C,
                        ChecksumAlgorithm.SHA1,
                        ChecksumAlgorithm.SHA256)) {
            s3.putObject(
                    b -> b.bucket(bucket).key("k" + algorithm).checksumAlgorithm(algorithm),
                    RequestBody.fromBytes(all));
            var got =
                    s3.getObject(
                            b ->
                                    b.bucket(bucket)
                                            .key("k" + algorithm)
                                            .checksumMode(ChecksumMode.ENABLED),
                            software.amazon.awssdk.core.sync.ResponseTransformer.toBytes());
            assertThat(got.asByteArray()).isEqualTo(all);
            assertThat(got.response().toString())
                    .contains("Checksum" + algorithm.toString().replace("_", ""));
        }
    }

    @Test
    void bodies_are_taken_in_every_framing_of_the_client() {
        String bucket = bucket("framings");
        byte[] all = bytes(3, 1_000_000);
        for (RequestChecksumCalculation when : RequestChecksumCalculation.values()) {
            for (boolean chunked : new boolean[] {true, false}) {
                S3Configuration mode =
                        S3Configuration.builder()
                                .pathStyleAccessEnabled(true)
                                .chunkedEncodingEnabled(chunked)
                                .build();
                try (S3Client client =
                        S3Client.builder()
                                .endpointOverride(it.node.s3.base())
                                .region(Region.US_EAST_1)
                                .credentialsProvider(SERVER.provider())
                                .serviceConfiguration(mode)
                                .requestChecksumCalculation(when)
                                .build()) {
                    client.putObject(b -> b.bucket(bucket).key("k"), RequestBody.fromBytes(all));
                    assertThat(
                                    client.getObjectAsBytes(b -> b.bucket(bucket).key("k"))
                                            .asByteArray())
                            .isEqualTo(all);
                }
            }
        }
        s3.putObject(b -> b.bucket(bucket).key("none"), RequestBody.empty());
        assertThat(s3.getObjectAsBytes(b -> b.bucket(bucket).key("none")).asByteArray()).isEmpty();
    }

    @Test
    void ranges_and_conditions_are_kept() {
        String bucket = bucket("ranges");
        byte[] all = bytes(4, 10_000);
        String tag =
                s3.putObject(b -> b.bucket(bucket).key("k"), RequestBody.fromBytes(all)).eTag();
        var part = s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").range("bytes=100-199"));
        assertThat(part.asByteArray()).isEqualTo(java.util.Arrays.copyOfRange(all, 100, 200));
        assertThat(part.response().contentRange()).isEqualTo("bytes 100-199/10000");
        assertThat(
                        s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").range("bytes=-5"))
                                .asByteArray())
                .isEqualTo(java.util.Arrays.copyOfRange(all, 9995, 10_000));
        refused(
                "InvalidRange",
                416,
                () -> s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").range("bytes=10000-")));
        status(304, () -> s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").ifNoneMatch(tag)));
        refused(
                "PreconditionFailed",
                412,
                () -> s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").ifMatch("\"other\"")));
        for (String said : List.of(tag, tag.replace("\"", ""), "\"other\", " + tag, "*")) {
            assertThat(
                            s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").ifMatch(said))
                                    .asByteArray())
                    .as(said)
                    .isEqualTo(all);
            s3.headObject(b -> b.bucket(bucket).key("k").ifMatch(said));
        }
        refused(
                "PreconditionFailed",
                412,
                () -> s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").ifMatch("other")));
        refused(
                "PreconditionFailed",
                412,
                () ->
                        s3.getObjectAsBytes(
                                b -> b.bucket(bucket).key("k").ifUnmodifiedSince(Instant.EPOCH)));
        status(
                304,
                () ->
                        s3.getObjectAsBytes(b ->
                                b.bucket(bucket)
                                        .key("k")
                                        .ifModifiedSince(Instant.now().plusSeconds(60))));
        refused(
                "PreconditionFailed",
                412,
                () ->
                        s3.putObject(
                                b -> b.bucket(bucket).key("k").ifNoneMatch("*"),
                                RequestBody.fromString("x")));
        refused(
                "PreconditionFailed",
                412,
                () ->
                        s3.putObject(
                                b -> b.bucket(bucket).key("k").ifMatch("\"other\""),
                                RequestBody.fromString("x")));
        s3.putObject(b -> b.bucket(bucket).key("k").ifMatch(tag), RequestBody.fromString("y"));
        s3.putObject(
                b -> b.bucket(bucket).key("new").ifNoneMatch("*"), RequestBody.fromString("x"));
    }

    @Test
    void the_last_bytes_of_an_empty_object_are_all_it_has() {
        String bucket = bucket("empty-ranges");
        s3.putObject(b -> b.bucket(bucket).key("k"), RequestBody.empty());
        var got = s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").range("bytes=-5"));
        assertThat(got.asByteArray()).isEmpty();
        assertThat(got.response().sdkHttpResponse().statusCode()).isEqualTo(200);
        for (String none : List.of("bytes=-0", "bytes=0-0")) {
            refused(
                    "InvalidRange",
                    416,
                    () -> s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").range(none)));
        }
    }

    @Test
    void an_organisation_has_so_many_buckets_and_no_more() {
        try (Samples own = new Samples("maxBuckets", "2")) {
            HttpResponse<byte[]> key =
                    own.call("POST", "/api/v1/files/access-keys")
                            .as("server")
                            .json("{}")
                            .gives(201);
            try (S3Client client =
                    S3Client.builder()
                            .endpointOverride(own.node.s3.base())
                            .region(Region.US_EAST_1)
                            .forcePathStyle(true)
                            .credentialsProvider(
                                    new Credentials(
                                                    member(key, "accessKeyId"),
                                                    member(key, "secretAccessKey"))
                                            .provider())
                            .build()) {
                client.createBucket(b -> b.bucket("one"));
                client.createBucket(b -> b.bucket("two"));
                refused("TooManyBuckets", 400, () -> client.createBucket(b -> b.bucket("three")));
                refused(
                        "BucketAlreadyOwnedByYou",
                        409,
                        () -> client.createBucket(b -> b.bucket("two")));
            }
        }
    }

    @Test
    void a_tus_upload_is_an_object_and_deletion_goes_for_all_doors() {
        byte[] all = bytes(5, 5000);
        String path = it.upload("server", "photo.jpg", "image/jpeg", all);
        String key = path.substring("/files/".length()) + "/photo.jpg";
        var got = s3.getObjectAsBytes(b -> b.bucket("uploads").key(key));
        assertThat(got.asByteArray()).isEqualTo(all);
        assertThat(got.response().contentType()).isEqualTo("image/jpeg");
        assertThat(
                        s3.headObject(b -> b.bucket("uploads").key(key))
                                .sdkHttpResponse()
                                .firstMatchingHeader("x-quintet-file-id"))
                .contains(path.substring("/files/".length()));
        s3.deleteObject(b -> b.bucket("uploads").key(key));
        s3.deleteObject(b -> b.bucket("uploads").key(key));
        it.call("GET", path).as("server").gives(404);
        refused("NoSuchKey", 404, () -> s3.getObjectAsBytes(b -> b.bucket("uploads").key(key)));
    }

    @Test
    void metadata_of_a_tus_upload_chooses_bucket_and_key() {
        bucket("chosen");
        String said = "bucket " + Samples.base64("chosen") + ",key " + Samples.base64("../x/y.bin");
        String path = it.open("server", 3, said);
        it.append("server", path, 0, new byte[] {1, 2, 3}).gives(204);
        assertThat(s3.getObjectAsBytes(b -> b.bucket("chosen").key("../x/y.bin")).asByteArray())
                .containsExactly(1, 2, 3);
    }

    @Test
    void keys_never_become_paths() throws java.io.IOException {
        String bucket = bucket("traversal");
        List<String> keys =
                List.of(
                        "../../../etc/passwd",
                        "a/../b",
                        "%2e%2e/%252e",
                        "..\\..\\x",
                        "/abs",
                        "//",
                        "a//b",
                        "trailing.",
                        "trailing/",
                        ".",
                        "..",
                        "ü\u0001\n",
                        "\ud83d\ude00",
                        "a?b#c&d=e");
        for (String key : keys) {
            s3.putObject(b -> b.bucket(bucket).key(key), RequestBody.fromString(key));
            assertThat(s3.getObjectAsBytes(b -> b.bucket(bucket).key(key)).asUtf8String())
                    .isEqualTo(key);
        }
        List<String> listed =
                s3
                        .listObjectsV2(b -> b.bucket(bucket).encodingType(EncodingType.URL))
                        .contents()
                        .stream()
                        .map(each -> each.key())
                        .toList();
        assertThat(listed).containsExactlyInAnyOrderElementsOf(keys);
        try (var walk = java.nio.file.Files.walk(it.folder)) {
            assertThat(walk.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.contains("passwd") || name.contains("trailing"));
        }
        assertThat(java.nio.file.Files.exists(it.folder.resolveSibling("etc"))).isFalse();
        refused(
                "KeyTooLongError",
                400,
                () ->
                        s3.putObject(
                                b -> b.bucket(bucket).key("k".repeat(1025)),
                                RequestBody.fromString("x")));
    }

    @Test
    void lists_equal_a_model_page_by_page() {
        String bucket = bucket("lists");
        long seed = 42;
        Random random = new Random(seed);
        TreeSet<String> keys = new TreeSet<>();
        String[] parts = {"a", "b/", "c", "/", "d/e", "\u00fc", "z", "-", "a/"};
        for (int count = 0; count < 150; count++) {
            StringBuilder key = new StringBuilder();
            for (int length = 1 + random.nextInt(4); length > 0; length--) {
                key.append(parts[random.nextInt(parts.length)]);
            }
            keys.add(key.toString());
            s3.putObject(b -> b.bucket(bucket).key(key.toString()), RequestBody.fromString("x"));
        }
        for (String prefix : List.of("", "a", "b/", "b/a", "zzz")) {
            for (String delimiter : List.of("", "/", "a/")) {
                for (int size : new int[] {1, 7, 1000}) {
                    assertThat(pages(bucket, prefix, delimiter, size))
                            .as("seed %d, '%s' '%s' %d", seed, prefix, delimiter, size)
                            .isEqualTo(model(keys, prefix, delimiter));
                }
            }
        }
        String middle = keys.stream().skip(70).findFirst().orElseThrow();
        assertThat(
                        s3
                                .listObjectsV2(b -> b.bucket(bucket).startAfter(middle))
                                .contents()
                                .stream()
                                .map(each -> each.key()))
                .containsExactlyElementsOf(keys.tailSet(middle, false));
        ListObjectsV2Response none = s3.listObjectsV2(b -> b.bucket(bucket).maxKeys(0));
        assertThat(none.contents()).isEmpty();
        assertThat(none.isTruncated()).isFalse();
    }

    private static List<String> pages(String bucket, String prefix, String delimiter, int size) {
        List<String> found = new ArrayList<>();
        java.util.Optional<String> token = java.util.Optional.empty();
        do {
            java.util.Optional<String> at = token;
            ListObjectsV2Response page =
                    s3.listObjectsV2(b -> {
                        b.bucket(bucket).prefix(prefix).maxKeys(size);
                        at.ifPresent(b::continuationToken);
                        if (!delimiter.isEmpty()) {
                            b.delimiter(delimiter);
                        }
                    });
            assertThat(page.keyCount()).isLessThanOrEqualTo(size);
            List<String> both = new ArrayList<>();
            page.contents().forEach(each -> both.add(each.key()));
            page.commonPrefixes().forEach(each -> both.add(each.prefix()));
            both.sort(null);
            found.addAll(both);
            token = java.util.Optional.ofNullable(page.nextContinuationToken());
            assertThat(page.isTruncated()).isEqualTo(token.isPresent());
        } while (token.isPresent());
        return found;
    }

    private static List<String> model(java.util.Set<String> keys, String prefix, String delimiter) {
        TreeSet<String> found = new TreeSet<>();
        for (String key : keys) {
            int cut = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
            if (key.startsWith(prefix)) {
                found.add(cut < 0 ? key : key.substring(0, cut + delimiter.length()));
            }
        }
        return new ArrayList<>(found);
    }

    @Test
    void what_is_not_here_says_so() {
        String bucket = bucket("missing");
        s3.putObject(b -> b.bucket(bucket).key("k"), RequestBody.fromString("x"));
        refused(
                "NotImplemented",
                501,
                () ->
                        s3.copyObject(b ->
                                b.sourceBucket(bucket)
                                        .sourceKey("k")
                                        .destinationBucket(bucket)
                                        .destinationKey("l")));
        refused(
                "NotImplemented",
                501,
                () -> s3.createMultipartUpload(b -> b.bucket(bucket).key("m")));
        refused("NotImplemented", 501, () -> s3.getObjectTagging(b -> b.bucket(bucket).key("k")));
        refused("NotImplemented", 501, () -> s3.getBucketVersioning(b -> b.bucket(bucket)));
        refused("NotImplemented", 501, () -> s3.listObjects(b -> b.bucket(bucket)));
        refused(
                "NotImplemented",
                501,
                () ->
                        s3.putObject(
                                b -> b.bucket(bucket).key("k").acl("public-read"),
                                RequestBody.fromString("x")));
        refused(
                "NotImplemented",
                501,
                () ->
                        s3.putObject(
                                b -> b.bucket(bucket).key("k").serverSideEncryption("AES256"),
                                RequestBody.fromString("x")));
        refused("NotImplemented", 501, () -> s3.deleteBucket(b -> b.bucket(bucket)));
        refused(
                "NotImplemented",
                501,
                () -> s3.getObject(b -> b.bucket(bucket).key("k").versionId("v")));
    }

    @Test
    void keys_have_their_makers_rights_and_nothing_else() {
        String bucket = bucket("rights");
        s3.putObject(b -> b.bucket(bucket).key("k"), RequestBody.fromString("x"));
        try (S3Client writer = client(credentials("writer"));
                S3Client foreign = client(credentials("foreign"));
                S3Client ada = client(credentials("ada"))) {
            refused(
                    "AccessDenied",
                    403,
                    () -> writer.getObjectAsBytes(b -> b.bucket(bucket).key("k")));
            refused("AccessDenied", 403, () -> writer.listBuckets());
            refused(
                    "NoSuchBucket",
                    404,
                    () -> foreign.getObjectAsBytes(b -> b.bucket(bucket).key("k")));
            assertThat(foreign.listBuckets().buckets().stream().map(each -> each.name()))
                    .containsExactly("uploads");
            refused("NoSuchKey", 404, () -> ada.getObjectAsBytes(b -> b.bucket(bucket).key("k")));
            assertThat(ada.listObjectsV2(b -> b.bucket(bucket)).contents()).isEmpty();
            refused(
                    "AccessDenied",
                    403,
                    () ->
                            ada.putObject(
                                    b -> b.bucket(bucket).key("k"), RequestBody.fromString("ada")));
            ada.putObject(b -> b.bucket(bucket).key("own"), RequestBody.fromString("ada"));
            assertThat(s3.getObjectAsBytes(b -> b.bucket(bucket).key("own")).asUtf8String())
                    .isEqualTo("ada");
        }
        Credentials wrong = new Credentials(SERVER.id(), SERVER.secret() + "x");
        try (S3Client forger = client(wrong);
                S3Client unknown = client(new Credentials("QKNOBODY", "x"))) {
            refused(
                    "SignatureDoesNotMatch",
                    403,
                    () ->
                            forger.putObject(
                                    b -> b.bucket(bucket).key("k"),
                                    RequestBody.fromString("evil")));
            refused("InvalidAccessKeyId", 403, () -> unknown.listBuckets());
        }
        assertThat(s3.getObjectAsBytes(b -> b.bucket(bucket).key("k")).asUtf8String())
                .isEqualTo("x");
    }

    @Test
    void a_revoked_key_is_refused() {
        Credentials short_ = credentials("server");
        try (S3Client client = client(short_)) {
            client.listBuckets();
            assertThat(text(it.call("GET", "/api/v1/files/access-keys").as("server").gives(200)))
                    .contains(short_.id())
                    .doesNotContain(short_.secret());
            it.call("DELETE", "/api/v1/files/access-keys/" + short_.id()).as("foreign").gives(404);
            it.call("DELETE", "/api/v1/files/access-keys/" + short_.id()).as("server").gives(204);
            refused("InvalidAccessKeyId", 403, () -> client.listBuckets());
        }
    }

    @Test
    void a_presigned_address_reads_and_never_shows_html_in_place() {
        String bucket = bucket("signed");
        s3.putObject(
                b -> b.bucket(bucket).key("page.html").contentType("text/html"),
                RequestBody.fromString("<script>1</script>"));
        URI address;
        try (S3Presigner presigner =
                S3Presigner.builder()
                        .endpointOverride(it.node.s3.base())
                        .region(Region.US_EAST_1)
                        .credentialsProvider(SERVER.provider())
                        .serviceConfiguration(
                                S3Configuration.builder().pathStyleAccessEnabled(true).build())
                        .build()) {
            address =
                    URI.create(
                            presigner
                                    .presignGetObject(p ->
                                            p.signatureDuration(Duration.ofMinutes(5))
                                                    .getObjectRequest(b ->
                                                            b.bucket(bucket)
                                                                    .key("page.html")
                                                                    .responseContentType(
                                                                            "text/html")
                                                                    .responseContentDisposition(
                                                                            "inline")))
                                    .url()
                                    .toString());
        }
        HttpResponse<byte[]> read = it.call("GET", address.toString()).gives(200);
        assertThat(text(read)).isEqualTo("<script>1</script>");
        assertThat(header(read, "content-disposition")).startsWith("attachment");
        assertThat(header(read, "content-security-policy")).startsWith("sandbox");
        assertThat(header(read, "x-content-type-options")).isEqualTo("nosniff");
        it.call("PUT", address.toString()).body(new byte[1]).gives(403);
        it.call("GET", address.toString()).with("x-amz-copy-source", "/other/secret").gives(403);
        it.call("GET", address.toString().replace("page.html", "page2html")).gives(403);
        assertThat(text(it.callS3("GET", "/" + bucket + "/page.html").gives(403)))
                .contains("<Code>AccessDenied</Code>");
    }

    @Test
    void a_replaced_object_is_gone_at_once_and_its_bytes_hours_later() {
        try (Samples own = new Samples("keepDropped", "6h")) {
            String path = own.upload("server", "a", "text/plain", new byte[] {1});
            own.call("DELETE", path).as("server").gives(204);
            own.call("GET", path).as("server").gives(404);
            own.node.files.sweep().dropDue();
            assertThat(stored(own)).isEqualTo(1);
            own.time.advance(Duration.ofHours(6));
            own.node.files.sweep().dropDue();
            assertThat(stored(own)).isZero();
        }
    }

    private static int stored(Samples own) {
        List<Object> left = new ArrayList<>();
        own.node.blobs.eachStored(left::add);
        return left.size();
    }

    private static void refused(String code, int status, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        S3Exception.class,
                        e -> {
                            assertThat(e.awsErrorDetails().errorCode())
                                    .as(e.getMessage())
                                    .isEqualTo(code);
                            assertThat(e.statusCode()).isEqualTo(status);
                        });
    }

    private static void status(int status, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(status));
    }
}
