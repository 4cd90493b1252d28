package dev.quintet.platform.egress;

import dev.quintet.platform.Cidr;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.config.Setting;
import java.time.Duration;
import java.util.List;

/** Limits of requests to addresses that users give. */
public record EgressConfig(
        @Setting("Address ranges that may be reached besides public ones, e.g. 10.1.0.0/16.")
                List<Cidr> allow,
        @Setting(
                        value = "Longest wait for a connection.",
                        byDefault = "5s",
                        min = "100ms",
                        max = "1m")
                Duration connectTimeout,
        @Setting(
                        value = "Longest request as a whole, redirects and body included.",
                        byDefault = "15s",
                        min = "100ms",
                        max = "5m")
                Duration timeout,
        @Setting(
                        value = "Longest response body that is read.",
                        byDefault = "1 MiB",
                        min = "1k",
                        max = "64m")
                DataSize maxBody,
        @Setting(
                        value = "Connections open at once, all hosts together.",
                        byDefault = "512",
                        min = "1",
                        max = "65536")
                int connections,
        @Setting(
                        value = "Connections open at once to one host.",
                        byDefault = "64",
                        min = "1",
                        max = "65536")
                int connectionsPerHost) {}
