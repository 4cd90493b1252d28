package dev.quintet.platform.log;

import dev.quintet.platform.DataSize;

/** The contract asks nothing that only files can keep. */
final class NumberedLogTest extends EventLogContract {

    private static final int LARGEST = 512;

    private final NumberedLog.Topic topic = new NumberedLog.Topic();

    @Override
    protected EventLog open() {
        return new NumberedLog(topic, new DataSize(LARGEST));
    }

    @Override
    protected EventLog afterKill() {
        return open();
    }

    @Override
    protected int largestBody() {
        return LARGEST;
    }
}
