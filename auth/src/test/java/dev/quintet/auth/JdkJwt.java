package dev.quintet.auth;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JWT checked by nothing but the JDK and a JSON parser: a judge that shares no code with the
 * server.
 */
record JdkJwt(JsonNode header, JsonNode claims) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    static JdkJwt verified(String token, JsonNode keySet) {
        String[] parts = token.split("\\.", -1);
        JsonNode header = decoded(parts[0]);
        for (JsonNode key : keySet.path("keys")) {
            if (key.path("kid").asString().equals(header.path("kid").asString())) {
                try {
                    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
                    signature.initVerify(publicKey(key));
                    signature.update(
                            (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
                    if (!signature.verify(Base64.getUrlDecoder().decode(parts[2]))) {
                        throw new AssertionError("the signature is wrong");
                    }
                    return new JdkJwt(header, decoded(parts[1]));
                } catch (GeneralSecurityException e) {
                    throw new AssertionError(e);
                }
            }
        }
        throw new AssertionError("the key " + header.path("kid") + " is not published");
    }

    private static JsonNode decoded(String part) {
        return JSON.readTree(Base64.getUrlDecoder().decode(part));
    }

    private static PublicKey publicKey(JsonNode key) throws GeneralSecurityException {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        ECPoint point = new ECPoint(number(key, "x"), number(key, "y"));
        return KeyFactory.getInstance("EC")
                .generatePublic(
                        new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class)));
    }

    private static BigInteger number(JsonNode key, String name) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(key.path(name).asString()));
    }
}
