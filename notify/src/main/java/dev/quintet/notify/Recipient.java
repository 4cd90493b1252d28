package dev.quintet.notify;

import java.util.UUID;

/** Whom a notification is for, as the sender named it. */
public sealed interface Recipient {

    record User(UUID person) implements Recipient {}

    record Email(String address) implements Recipient {}

    record Webhook(UUID endpoint) implements Recipient {}
}
