package dev.quintet.platform.blobs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.quintet.platform.Ids;
import dev.quintet.platform.disk.LocalDisk;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The same contract over a real S3 protocol: the AWS SDK against S3Proxy in this JVM. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class S3BlobsTest extends BlobsContract {

    private final LocalDisk disk = new LocalDisk(2);
    private final S3Proxy server = server();
    private Optional<S3Client> client = Optional.empty();
    private Optional<Blobs> open = Optional.empty();
    private String bucket = "";
    private Path folder = Path.of("");

    @BeforeAll
    void start() throws Exception {
        server.start();
        client =
                Optional.of(
                        S3Client.builder()
                                .endpointOverride(
                                        URI.create("http://127.0.0.1:" + server.getPort()))
                                .region(Region.US_EAST_1)
                                .forcePathStyle(true)
                                .credentialsProvider(
                                        StaticCredentialsProvider.create(
                                                AwsBasicCredentials.create("u", "p")))
                                .build());
    }

    @BeforeEach
    void makeBucket(@TempDir Path fresh) {
        folder = fresh;
        bucket = "b-" + UUID.randomUUID();
        client.orElseThrow().createBucket(create -> create.bucket(bucket));
        open = Optional.empty();
    }

    @AfterEach
    void forget() {
        open = Optional.empty();
    }

    @AfterAll
    void stop() throws Exception {
        client.orElseThrow().close();
        server.stop();
        disk.close();
    }

    @Override
    protected Blobs blobs() {
        return open.orElseGet(this::reopened);
    }

    @Override
    protected Blobs reopened() {
        Ids ids = new Ids(InstantSource.system(), new SecureRandom());
        Blobs blobs = new S3Blobs(client.orElseThrow(), bucket, disk, folder, ids);
        open = Optional.of(blobs);
        return blobs;
    }

    private static S3Proxy server() {
        // Without a configuration Logback prints all; these three fill megabytes with bytes on the
        // wire.
        for (String talkative : List.of("org.gaul", "software.amazon", "org.apache.hc")) {
            ((Logger) LoggerFactory.getLogger(talkative)).setLevel(Level.WARN);
        }
        return S3Proxy.builder()
                .blobStore(BlobStores.create("transient-nio2", new Properties()))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "u", "p")
                .ignoreUnknownHeaders(true)
                .build();
    }
}
