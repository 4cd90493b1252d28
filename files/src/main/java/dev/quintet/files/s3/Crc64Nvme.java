package dev.quintet.files.s3;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.Checksum;

/**
 * CRC-64/NVME (NVM Express NVM Command Set, section "64b CRC"), eight bytes at a time by eight
 * tables.
 */
final class Crc64Nvme implements Checksum {

    // The polynomial ad93d23594c93659, bits reversed.
    private static final long POLYNOMIAL = 0x9A6C9329AC4BC9B5L;
    private static final long[][] TABLES = tables();
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long crc = -1;

    @Override
    public void update(int one) {
        crc = TABLES[0][(int) (crc ^ one) & 0xFF] ^ (crc >>> 8);
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        for (; at + 8 <= end; at += 8) {
            long word = crc ^ (long) LONG.get(bytes, at);
            crc =
                    TABLES[7][(int) word & 0xFF]
                            ^ TABLES[6][(int) (word >>> 8) & 0xFF]
                            ^ TABLES[5][(int) (word >>> 16) & 0xFF]
                            ^ TABLES[4][(int) (word >>> 24) & 0xFF]
                            ^ TABLES[3][(int) (word >>> 32) & 0xFF]
                            ^ TABLES[2][(int) (word >>> 40) & 0xFF]
                            ^ TABLES[1][(int) (word >>> 48) & 0xFF]
                            ^ TABLES[0][(int) (word >>> 56)];
        }
        for (; at < end; at++) {
            update(bytes[at]);
        }
    }

    @Override
    public long getValue() {
        return ~crc;
    }

    @Override
    public void reset() {
        crc = -1;
    }

    private static long[][] tables() {
        long[][] tables = new long[8][256];
        for (int value = 0; value < 256; value++) {
            long crc = value;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
            }
            tables[0][value] = crc;
        }
        for (int table = 1; table < 8; table++) {
            for (int value = 0; value < 256; value++) {
                long before = tables[table - 1][value];
                tables[table][value] = tables[0][(int) before & 0xFF] ^ (before >>> 8);
            }
        }
        return tables;
    }
}
