/**
 * Chat: rooms whose messages carry one gapless number each, live over the Centrifugo protocol and
 * readable over REST.
 *
 * <p>Life of a message: 1. {@code centrifugo.Session} or {@code ChatRoutes} reads the call; 2.
 * {@code Chat.submit} checks what needs no database and queues the draft; 3. {@code RoomWriter}, on
 * one of a few virtual threads, locks the rows of the rooms in which something waits, drops what
 * was already stored, numbers and inserts the rest, announces {@code MessagesSent} and commits, for
 * all of them at once; a room that another node holds is written alone, so that it delays no other;
 * 4. {@code LiveRoom} pushes in the order of the numbers to every socket of this node; 5. the other
 * nodes see {@code MessagesSent} by their tail of the outbox, and their {@code LiveRooms} read what
 * they miss; 6. the sender gets its number, the server's bridges hear of {@code MessagesSent}, and
 * {@code Mentions} decides who missed that they were mentioned.
 *
 * <p>Promises: an acknowledged message is stored, once, and numbered without gaps in its room; a
 * retry with the same client id gets the first number; every socket sees each number once and in
 * order, from wherever it resumes. Not promised: order across rooms.
 *
 * <p>Threads: sockets' calls come on virtual threads; a room's order is a lock under which nothing
 * waits; PostgreSQL is the truth, the bus may lose any hint.
 */
@NullMarked
package dev.quintet.chat;

import org.jspecify.annotations.NullMarked;
