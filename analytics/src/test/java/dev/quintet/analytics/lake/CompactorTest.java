package dev.quintet.analytics.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which files are merged, without any file. */
final class CompactorTest {

    private static final long LARGEST = 128 << 20;

    /** A commit every second, and a look at the files every minute. */
    private static List<Long> day(Random random, long eventBytesASecond) {
        List<Long> files = new ArrayList<>();
        for (int second = 1; second <= 86_400; second++) {
            files.add(3_000 + (long) (2 * random.nextDouble() * eventBytesASecond));
            if (second % 60 == 0) {
                merge(files);
            }
        }
        return files;
    }

    private static void merge(List<Long> files) {
        for (List<Long> merge : Compactor.merges(files, Long::longValue)) {
            merge.forEach(files::remove);
            files.add(merge.stream().mapToLong(Long::longValue).sum());
        }
    }

    @Test
    void a_day_of_one_commit_a_second_is_at_most_fifty_files() {
        long seed = new SecureRandom().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (long bytesASecond : new long[] {0, 100, 5_000, 20_000}) {
            List<Long> files = day(random, bytesASecond);
            long all = files.stream().mapToLong(Long::longValue).sum();
            assertThat(files).as("%d bytes a second", bytesASecond).hasSizeLessThanOrEqualTo(50);
            assertThat(all).isGreaterThanOrEqualTo(86_400 * 3_000L);
        }
    }

    @Test
    void a_row_is_written_again_once_for_each_size() {
        List<Long> files = new ArrayList<>();
        long written = 0;
        for (int second = 1; second <= 86_400; second++) {
            files.add(10_000L);
            if (second % 60 == 0) {
                for (List<Long> merge : Compactor.merges(files, Long::longValue)) {
                    merge.forEach(files::remove);
                    long sum = merge.stream().mapToLong(Long::longValue).sum();
                    files.add(sum);
                    written += sum;
                }
            }
        }
        assertThat(written).isLessThan(5 * 86_400 * 10_000L);
    }

    @Test
    void few_files_or_large_ones_stay() {
        assertThat(Compactor.merges(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), Long::longValue))
                .isEmpty();
        List<Long> large = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            large.add(LARGEST / 8);
        }
        assertThat(Compactor.merges(large, Long::longValue)).isEmpty();
    }
}
