package dev.quintet.files.s3;

/**
 * What a signing key is bound to: {@code 20130524/us-east-1/s3/aws4_request}.
 *
 * @param date eight digits
 */
record CredentialScope(String date, String region, String service, String terminator) {

    @Override
    public String toString() {
        return date + '/' + region + '/' + service + '/' + terminator;
    }
}
