package dev.quintet.chat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A room as far as this node's sockets hear it. Whoever has messages offers them; the number alone
 * decides: the next one is pushed, an older one dropped, a later one refused until the gap is read.
 * All fields are guarded by {@code order}, under which nothing waits.
 */
class LiveRoom {

    /** What is pushed while somebody joins is kept for them; past this they read again. */
    private static final int LONGEST_TAIL = 500;

    private final UUID id;
    private final ReentrantLock order = new ReentrantLock();
    private final Map<Subscriber, Seat> seats = new LinkedHashMap<>();
    private final Deque<Delivery> tail = new ArrayDeque<>();
    private long lastPushed;
    private long membersVersion = -1;
    private long heard;
    private boolean feeding;
    private int joining;
    private boolean closed;

    /** A subscriber and the last number that it has seen. */
    private static final class Seat {
        long position;

        Seat(long position) {
            this.position = position;
        }
    }

    LiveRoom(UUID id, long lastPushed) {
        this.id = id;
        this.lastPushed = lastPushed;
    }

    UUID id() {
        return id;
    }

    long lastPushed() {
        order.lock();
        try {
            return lastPushed;
        } finally {
            order.unlock();
        }
    }

    /** Pushes what follows in order. False when a number is missing before the rest. */
    boolean offer(List<Message> run) {
        order.lock();
        try {
            for (Message message : run) {
                if (message.seq() > lastPushed) {
                    if (!follows(message.seq(), lastPushed)) {
                        return false;
                    }
                    push(new Delivery(message));
                }
            }
            return true;
        } finally {
            order.unlock();
        }
    }

    /** Not private: a test plants the fault that this guards against. */
    boolean follows(long seq, long last) {
        return seq == last + 1;
    }

    private void push(Delivery delivery) {
        long seq = delivery.message().seq();
        lastPushed = seq;
        for (Iterator<Map.Entry<Subscriber, Seat>> all = seats.entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<Subscriber, Seat> one = all.next();
            if (seq > one.getValue().position) {
                one.getValue().position = seq;
                if (!one.getKey().deliver(delivery)) {
                    all.remove();
                }
            }
        }
        if (joining > 0) {
            tail.add(delivery);
            if (tail.size() > LONGEST_TAIL) {
                tail.remove();
            }
        }
    }

    /** Somebody will join: gives up to where they have to read; empty when this room is closed. */
    OptionalLong beginJoin() {
        order.lock();
        try {
            if (closed) {
                return OptionalLong.empty();
            }
            joining++;
            return OptionalLong.of(lastPushed);
        } finally {
            order.unlock();
        }
    }

    /**
     * Seats who has read up to {@code position} and hands over what was pushed meanwhile. False
     * when too much was: read on and try again.
     */
    boolean finishJoin(Subscriber subscriber, long position) {
        order.lock();
        try {
            long covered = tail.isEmpty() ? lastPushed + 1 : tail.getFirst().message().seq();
            if (position + 1 < covered) {
                return false;
            }
            Seat seat = new Seat(position);
            for (Delivery delivery : tail) {
                if (delivery.message().seq() > seat.position) {
                    seat.position = delivery.message().seq();
                    if (!subscriber.deliver(delivery)) {
                        return true;
                    }
                }
            }
            seats.put(subscriber, seat);
            return true;
        } finally {
            order.unlock();
        }
    }

    void endJoin() {
        order.lock();
        try {
            if (--joining == 0) {
                tail.clear();
            }
        } finally {
            order.unlock();
        }
    }

    /** Takes a subscriber out; gives the last number it saw, or empty when it had no seat. */
    OptionalLong leave(Subscriber subscriber) {
        order.lock();
        try {
            Seat seat = seats.remove(subscriber);
            return seat == null ? OptionalLong.empty() : OptionalLong.of(seat.position);
        } finally {
            order.unlock();
        }
    }

    /** Closes the room for good when nobody is in it or on the way in. */
    boolean closeIfEmpty() {
        order.lock();
        try {
            closed = closed || (seats.isEmpty() && joining == 0 && !feeding);
            return closed;
        } finally {
            order.unlock();
        }
    }

    /** Somebody heard of a number: true when the caller is to read what is missing. */
    boolean wants(long seq) {
        order.lock();
        try {
            if (closed || seq <= lastPushed) {
                return false;
            }
            heard++;
            boolean reads = !feeding;
            feeding = true;
            return reads;
        } finally {
            order.unlock();
        }
    }

    /** How often was heard; the reader asks before it reads. */
    long heard() {
        order.lock();
        try {
            return heard;
        } finally {
            order.unlock();
        }
    }

    /** The reader found the end: true when something was heard of after {@code before}. */
    boolean readsOn(long before) {
        order.lock();
        try {
            feeding = heard != before;
            return feeding;
        } finally {
            order.unlock();
        }
    }

    /** The reader failed: the next hint or position check starts another. */
    void stopReading() {
        order.lock();
        try {
            feeding = false;
        } finally {
            order.unlock();
        }
    }

    /** True when the members changed since this was last asked. */
    boolean membersChanged(long version) {
        order.lock();
        try {
            boolean changed = membersVersion != version;
            membersVersion = version;
            return changed;
        } finally {
            order.unlock();
        }
    }

    List<Subscriber> subscribers() {
        order.lock();
        try {
            return new ArrayList<>(seats.keySet());
        } finally {
            order.unlock();
        }
    }
}
