/**
 * What the running server tells: metrics for Prometheus, health for whoever routes to it, logs for
 * people or machines, traces over OTLP when asked for. None of it ever holds a secret.
 */
@NullMarked
package dev.quintet.platform.telemetry;

import org.jspecify.annotations.NullMarked;
