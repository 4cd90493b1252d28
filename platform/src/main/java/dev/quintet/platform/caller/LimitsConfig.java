package dev.quintet.platform.caller;

import dev.quintet.platform.config.Setting;

/** How many requests are taken before 429; counted on each node by itself. */
public record LimitsConfig(
        @Setting(
                        value =
                                "Whether requests are counted by caller and address; false lifts every such 429, never lockout or memory bounds.",
                        byDefault = "true")
                boolean enabled,
        @Setting(
                        value = "Requests a minute of one credential.",
                        byDefault = "60000",
                        min = "1",
                        max = "100000000")
                int perCaller,
        @Setting(
                        value = "Requests a minute without a credential from one address.",
                        byDefault = "3000",
                        min = "1",
                        max = "100000000")
                int perAddress,
        @Setting(
                        value =
                                "Attempts a minute to sign in, register or recover, or with wrong client secrets, from one address.",
                        byDefault = "60",
                        min = "1",
                        max = "1000000")
                int signIn,
        @Setting(
                        value =
                                "Callers and addresses remembered at once; the least used are forgotten first.",
                        byDefault = "100000",
                        min = "100",
                        max = "10000000")
                int remembered) {}
