package dev.quintet.chat;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.config.Setting;
import java.time.Duration;

/** Every setting of chat. */
public record ChatConfig(
        @Setting(
                        value = "Longest text of a message, in UTF-8.",
                        byDefault = "8k",
                        min = "1k",
                        max = "256k")
                DataSize maxText,
        @Setting(
                        value = "Most people that one message may mention.",
                        byDefault = "50",
                        min = "1",
                        max = "1000")
                int maxMentions,
        @Setting(
                        value = "Most members that one call may add.",
                        byDefault = "2000",
                        min = "2",
                        max = "10000")
                int maxMembersPerCall,
        @Setting(
                        value = "Most members of a room.",
                        byDefault = "100000",
                        min = "2",
                        max = "1000000")
                int maxMembers,
        @Setting(
                        value =
                                "How many of a person's rooms, newest first, a socket gets by itself.",
                        byDefault = "256",
                        min = "0",
                        max = "1000")
                int roomsOnConnect,
        @Setting(
                        value = "Most rooms that one socket may hold.",
                        byDefault = "1024",
                        min = "1",
                        max = "10000")
                int maxRoomsPerSocket,
        @Setting(
                        value = "Most sockets that one person may have open on a node.",
                        byDefault = "100",
                        min = "1",
                        max = "100000")
                int maxSocketsPerPerson,
        @Setting(
                        value =
                                "Bytes waiting for a slow socket at which it is cut; it resumes from"
                                        + " history.",
                        byDefault = "1m",
                        min = "64k",
                        max = "64m")
                DataSize maxQueued,
        @Setting(
                        value = "How often a socket is pinged; one that does not answer is cut.",
                        byDefault = "25s",
                        min = "1s",
                        max = "10m")
                Duration ping,
        @Setting(
                        value =
                                "How often a node compares its live rooms with the database, for"
                                        + " hints that were lost.",
                        byDefault = "10s",
                        min = "100ms",
                        max = "5m")
                Duration positionCheck,
        @Setting(
                        value =
                                "Messages that may wait for one room's writer on a node; above it"
                                        + " sends are refused with 503.",
                        byDefault = "2000",
                        min = "1",
                        max = "100000")
                int maxWaiting) {}
