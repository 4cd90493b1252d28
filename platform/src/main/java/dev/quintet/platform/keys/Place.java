package dev.quintet.platform.keys;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Where a sealed value lies: a value moved to another row, column or table does not open.
 *
 * @param table with its schema, e.g. {@code auth.signing_keys}
 * @param row the row's key as text
 */
public record Place(String table, String column, String row) {

    /** Each part behind its length, so that no two places give the same bytes. */
    byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String part : new String[] {table, column, row}) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            out.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }
}
