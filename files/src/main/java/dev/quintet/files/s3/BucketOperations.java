package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.INVALID_ARGUMENT;
import static dev.quintet.files.s3.S3Refusal.INVALID_BUCKET_NAME;
import static dev.quintet.files.s3.S3Refusal.MALFORMED_XML;
import static dev.quintet.files.s3.S3Refusal.NOT_IMPLEMENTED;

import dev.quintet.files.Bucket;
import dev.quintet.files.Files;
import dev.quintet.files.ObjectPage;
import dev.quintet.files.ObjectQuery;
import dev.quintet.files.StoredFile;
import dev.quintet.platform.http.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** CreateBucket, HeadBucket, ListBuckets and ListObjectsV2. */
final class BucketOperations {

    private static final int MOST_KEYS = 1000;
    private static final int LARGEST_XML = 64 * 1024;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern ADDRESS = Pattern.compile("[0-9]+(\\.[0-9]+){3}");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private static final ObjectPage NOTHING = new ObjectPage(List.of(), Optional.empty());

    private final Files files;
    private final String region;

    BucketOperations(Files files, String region) {
        this.files = files;
        this.region = region;
    }

    Response list(S3Request asked) {
        asked.requireKnown();
        Xml xml = new Xml().openAnswer("ListAllMyBucketsResult");
        String owner = asked.caller().organisation().toString();
        xml.open("Owner").element("ID", owner).close("Owner").open("Buckets");
        for (Bucket bucket : files.buckets(asked.caller().organisation())) {
            xml.open("Bucket")
                    .element("Name", bucket.name())
                    .element("CreationDate", TIME.format(bucket.createdAt()))
                    .close("Bucket");
        }
        return answer(xml.close("Buckets").close("ListAllMyBucketsResult"));
    }

    Response create(S3Request asked) throws IOException {
        asked.requireKnown();
        String name = asked.bucket();
        if (!NAME.matcher(name).matches()
                || name.contains("..")
                || ADDRESS.matcher(name).matches()) {
            throw INVALID_BUCKET_NAME.because(name);
        }
        requireOurRegion(asked);
        files.createBucket(asked.caller().organisation(), name);
        return Response.empty(200).header("Location", "/" + name);
    }

    Response head(S3Request asked) {
        asked.requireKnown();
        files.requireBucket(asked.caller().organisation(), asked.bucket());
        return Response.empty(200).header("x-amz-bucket-region", region);
    }

    Response objects(S3Request asked) {
        if (!asked.parameter("list-type").equals(Optional.of("2"))) {
            String what =
                    asked.wire().query().stream()
                            .map(WireRequest.Field::name)
                            .findFirst()
                            .map(name -> "GET of a bucket with '" + name + "'")
                            .orElse("ListObjects (version 1)");
            throw NOT_IMPLEMENTED.because(what);
        }
        asked.requireKnown(
                "list-type",
                "prefix",
                "delimiter",
                "max-keys",
                "continuation-token",
                "start-after",
                "encoding-type",
                "fetch-owner");
        int limit = asked.number("max-keys", MOST_KEYS, MOST_KEYS);
        ObjectQuery query =
                new ObjectQuery(
                        asked.bucket(),
                        text(asked, "prefix"),
                        text(asked, "delimiter"),
                        from(asked),
                        Math.max(1, limit));
        ObjectPage page = files.objects(asked.reach(), query);
        return answer(shown(asked, query, limit, limit == 0 ? NOTHING : page));
    }

    private static Xml shown(S3Request asked, ObjectQuery query, int limit, ObjectPage page) {
        UnaryOperator<String> coded = coding(asked);
        Xml xml =
                new Xml()
                        .openAnswer("ListBucketResult")
                        .element("Name", query.bucket())
                        .element("Prefix", coded.apply(query.prefix()))
                        .element("MaxKeys", limit)
                        .element("KeyCount", page.entries().size())
                        .element("IsTruncated", page.next().isPresent());
        if (!query.delimiter().isEmpty()) {
            xml.element("Delimiter", coded.apply(query.delimiter()));
        }
        asked.parameter("encoding-type").ifPresent(type -> xml.element("EncodingType", type));
        asked.parameter("start-after")
                .ifPresent(text -> xml.element("StartAfter", coded.apply(text)));
        asked.parameter("continuation-token")
                .ifPresent(token -> xml.element("ContinuationToken", token));
        page.next().ifPresent(next -> xml.element("NextContinuationToken", token(next)));
        for (ObjectPage.Entry entry : page.entries()) {
            switch (entry) {
                case ObjectPage.Entry.Key(StoredFile file) -> content(xml, coded, file);
                case ObjectPage.Entry.Prefix(String text) ->
                        xml.open("CommonPrefixes")
                                .element("Prefix", coded.apply(text))
                                .close("CommonPrefixes");
            }
        }
        return xml.close("ListBucketResult");
    }

    private static void content(Xml xml, UnaryOperator<String> coded, StoredFile file) {
        xml.open("Contents")
                .element("Key", coded.apply(file.key()))
                .element("LastModified", TIME.format(file.createdAt()))
                .element("ETag", '"' + file.tag() + '"')
                .element("Size", file.size())
                .element("StorageClass", "STANDARD")
                .close("Contents");
    }

    private static UnaryOperator<String> coding(S3Request asked) {
        Optional<String> type = asked.parameter("encoding-type");
        if (type.isEmpty()) {
            return text -> text;
        }
        if (!type.get().equals("url")) {
            throw INVALID_ARGUMENT.because("encoding-type must be url");
        }
        return UriEncoding::encodePath;
    }

    private static String text(S3Request asked, String parameter) {
        String text = asked.parameter(parameter).orElse("");
        if (text.indexOf('\0') >= 0) {
            throw INVALID_ARGUMENT.because(parameter + " must not hold NUL");
        }
        return text;
    }

    private static ObjectQuery.From from(S3Request asked) {
        Optional<String> token = asked.parameter("continuation-token");
        if (token.isPresent()) {
            return fromToken(token.get());
        }
        String after = text(asked, "start-after");
        return after.isEmpty() ? new ObjectQuery.From.Start() : new ObjectQuery.From.Key(after);
    }

    private static String token(ObjectQuery.From next) {
        String text =
                switch (next) {
                    case ObjectQuery.From.Start start -> "s";
                    case ObjectQuery.From.Key(String key) -> "k" + key;
                    case ObjectQuery.From.Prefix(String prefix) -> "p" + prefix;
                };
        return Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectQuery.From fromToken(String token) {
        String text = "";
        try {
            text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            // refused below
        }
        if (text.length() > 1 && text.indexOf('\0') < 0) {
            if (text.startsWith("k")) {
                return new ObjectQuery.From.Key(text.substring(1));
            }
            if (text.startsWith("p")) {
                return new ObjectQuery.From.Prefix(text.substring(1));
            }
        }
        throw INVALID_ARGUMENT.because("The continuation token provided is incorrect");
    }

    private void requireOurRegion(S3Request asked) throws IOException {
        boolean empty =
                asked.header("content-length").orElse("0").equals("0")
                        && asked.header("x-amz-decoded-content-length").isEmpty();
        if (empty) {
            return;
        }
        Expected expected = Expected.of(asked.wire(), asked.signed().payload());
        if (expected.length() > LARGEST_XML) {
            throw MALFORMED_XML.because("it is longer than 64 KiB");
        }
        String constraint = locationConstraint(asked.payload(expected).readAllBytes());
        if (!constraint.isEmpty() && !constraint.equals(region)) {
            throw INVALID_ARGUMENT.because(
                    "The location constraint '" + constraint + "' is not '" + region + "'");
        }
    }

    private static String locationConstraint(byte[] xml) {
        try {
            XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(xml));
            String found = "";
            while (reader.hasNext()) {
                boolean here =
                        reader.next() == XMLStreamReader.START_ELEMENT
                                && reader.getLocalName().equals("LocationConstraint");
                if (here) {
                    found = reader.getElementText();
                }
            }
            return found;
        } catch (XMLStreamException e) {
            throw MALFORMED_XML.because("CreateBucketConfiguration is expected");
        }
    }

    private static Response answer(Xml xml) {
        return Response.bytes(Xml.TYPE, xml.bytes());
    }
}
