package dev.quintet.analytics.iceberg;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.rest.RESTMessage;
import org.apache.iceberg.rest.RESTSerializers;

/** The library's messages as JSON; it brings Jackson 2 and the serializers for it. */
final class IcebergJson {

    private static final ObjectMapper MAPPER = mapper();

    private IcebergJson() {}

    private static ObjectMapper mapper() {
        ObjectMapper mapper = new ObjectMapper();
        mapper.setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY);
        mapper.setPropertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE);
        // Later versions of the protocol add fields.
        mapper.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        RESTSerializers.registerAll(mapper);
        return mapper;
    }

    static <T extends RESTMessage> T read(byte[] json, Class<T> type) {
        try {
            T message = MAPPER.readValue(json, type);
            if (message == null) {
                throw new BadRequestException("the body is null");
            }
            message.validate();
            return message;
        } catch (JsonProcessingException malformed) {
            throw new BadRequestException(malformed, "%s", malformed.getOriginalMessage());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static byte[] write(RESTMessage message) {
        try {
            return MAPPER.writeValueAsBytes(message);
        } catch (JsonProcessingException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
