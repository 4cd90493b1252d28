package dev.quintet.files.s3;

import dev.quintet.platform.Refusal;

/** What the S3 door says no to, by the codes that S3 clients branch on. */
public enum S3Refusal implements Refusal {
    ACCESS_DENIED("AccessDenied", 403, "Access Denied: %s"),
    AUTHORIZATION_HEADER_MALFORMED(
            "AuthorizationHeaderMalformed", 400, "The authorization header is malformed: %s"),
    AUTHORIZATION_QUERY_PARAMETERS_ERROR(
            "AuthorizationQueryParametersError",
            400,
            "The authorization query parameters are malformed: %s"),
    BAD_DIGEST("BadDigest", 400, "The %s you specified did not match what was received"),
    ENTITY_TOO_LARGE(
            "EntityTooLarge",
            400,
            "Your proposed upload exceeds the maximum allowed object size of %s"),
    EXPIRED_TOKEN(
            "AccessDenied", 403, "Request has expired: the signed address was valid until %s"),
    INCOMPLETE_BODY(
            "IncompleteBody",
            400,
            "You did not provide the number of bytes specified by the Content-Length header or"
                    + " x-amz-decoded-content-length: %s"),
    INVALID_ACCESS_KEY_ID(
            "InvalidAccessKeyId",
            403,
            "The AWS access key ID you provided does not exist in our records"),
    INVALID_ARGUMENT("InvalidArgument", 400, "%s"),
    INVALID_BUCKET_NAME(
            "InvalidBucketName",
            400,
            "The bucket name '%s' is not valid: 3 to 63 of a-z, 0-9, '.' and '-', beginning and"
                    + " ending with a letter or digit"),
    INVALID_DIGEST("InvalidDigest", 400, "The Content-MD5 or checksum value is not valid: %s"),
    INVALID_REQUEST("InvalidRequest", 400, "%s"),
    KEY_TOO_LONG("KeyTooLongError", 400, "Your key is too long: %d bytes, at most 1024"),
    MALFORMED_TRAILER("MalformedTrailerError", 400, "The trailer is not well-formed: %s"),
    MALFORMED_XML("MalformedXML", 400, "The XML you provided was not well-formed: %s"),
    METADATA_TOO_LARGE(
            "MetadataTooLarge", 400, "Your metadata headers are %d bytes, at most 2048 are taken"),
    METHOD_NOT_ALLOWED(
            "MethodNotAllowed", 405, "The method %s is not allowed against this resource"),
    MISSING_CONTENT_LENGTH(
            "MissingContentLength", 411, "You must provide the Content-Length HTTP header"),
    NO_SUCH_BUCKET("NoSuchBucket", 404, "The bucket '%s' does not exist"),
    NO_SUCH_KEY("NoSuchKey", 404, "The key '%s' does not exist"),
    NOT_IMPLEMENTED("NotImplemented", 501, "%s implies functionality that is not implemented here"),
    REQUEST_TIME_TOO_SKEWED(
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time %s and the server's time %s is too large: at"
                    + " most 15 minutes"),
    SIGNATURE_DOES_NOT_MATCH(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided; check"
                    + " your key and signing method"),
    CONTENT_SHA256_MISMATCH(
            "XAmzContentSHA256Mismatch",
            400,
            "The provided 'x-amz-content-sha256' header does not match what was computed");

    private final String code;
    private final int status;
    private final String sentence;

    S3Refusal(String code, int status, String sentence) {
        this.code = code;
        this.status = status;
        this.sentence = sentence;
    }

    /** The word in {@code <Code>}. */
    public String code() {
        return code;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public String docs() {
        return "files#s3";
    }
}
