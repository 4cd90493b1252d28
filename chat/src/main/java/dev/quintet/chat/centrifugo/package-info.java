/**
 * The Centrifugo client protocol over a WebSocket, in its JSON and its Protobuf form
 * (centrifugal.dev, "Client protocol"): {@code Wire} reads commands and writes replies, {@code
 * Session} is one socket's conversation, {@code CentrifugoSockets} accepts and pings them.
 */
@NullMarked
package dev.quintet.chat.centrifugo;

import org.jspecify.annotations.NullMarked;
