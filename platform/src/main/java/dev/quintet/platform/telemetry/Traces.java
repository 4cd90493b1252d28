package dev.quintet.platform.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Spans around requests and steps within them, in W3C Trace Context; and the fields {@code request}
 * and {@code trace} of every log line written meanwhile. A span belongs to the virtual thread that
 * opened it and is closed there.
 */
public final class Traces implements AutoCloseable {

    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

    private final Tracer tracer;
    private final Runnable end;

    Traces(OpenTelemetry telemetry, Runnable end) {
        this.tracer = telemetry.getTracer("dev.quintet");
        this.end = end;
    }

    /** Exports to {@code config.otlpUrl}, or records nothing when that is unset. */
    public static Traces of(TelemetryConfig config) {
        return config.otlpUrl()
                .map(url -> otlp(url.toString(), config.tracedPercent()))
                .orElseGet(() -> new Traces(OpenTelemetry.noop(), () -> {}));
    }

    private static Traces otlp(String url, int percent) {
        SdkTracerProvider provider =
                SdkTracerProvider.builder()
                        .setResource(
                                Resource.getDefault()
                                        .merge(
                                                Resource.create(
                                                        Attributes.builder()
                                                                .put("service.name", "quintet")
                                                                .build())))
                        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(percent / 100.0)))
                        .addSpanProcessor(
                                BatchSpanProcessor.builder(
                                                OtlpHttpSpanExporter.builder()
                                                        .setEndpoint(url)
                                                        .build())
                                        .build())
                        .build();
        return new Traces(
                OpenTelemetrySdk.builder().setTracerProvider(provider).build(), provider::close);
    }

    /**
     * Opens the span of one request; a caller's trace goes on when its header is well formed.
     *
     * @param name the route, e.g. {@code POST /api/v1/keys}; never a path that a client filled in
     */
    public Step request(String name, String requestId, Optional<String> traceparent) {
        Context parent =
                traceparent
                        .map(header -> W3C.extract(Context.root(), header, Header.ONLY))
                        .orElse(Context.root());
        Step step = open(name, parent, SpanKind.SERVER);
        MDC.put("request", requestId);
        SpanContext context = step.span.getSpanContext();
        if (context.isValid()) {
            MDC.put("trace", context.getTraceId());
        }
        return step;
    }

    /** Opens a span below the one that is open on this thread, e.g. a transaction's. */
    public Step step(String name) {
        return open(name, Context.current(), SpanKind.INTERNAL);
    }

    @SuppressWarnings("MustBeClosedChecker") // the step holds the scope and closes it
    private Step open(String name, Context parent, SpanKind kind) {
        Span span = tracer.spanBuilder(name).setParent(parent).setSpanKind(kind).startSpan();
        return new Step(span, span.storeInContext(parent).makeCurrent(), kind == SpanKind.SERVER);
    }

    /** One open span; closing it ends it. */
    public static final class Step implements AutoCloseable {
        private final Span span;
        private final Scope scope;
        private final boolean ownsFields;

        private Step(Span span, Scope scope, boolean ownsFields) {
            this.span = span;
            this.scope = scope;
            this.ownsFields = ownsFields;
        }

        /** A fact from a fixed set (status, rows), never what a client sent. */
        public void note(String key, long value) {
            span.setAttribute(key, value);
        }

        public void failed(Throwable failure) {
            span.setStatus(StatusCode.ERROR, failure.getClass().getSimpleName());
        }

        /**
         * What an outgoing request carries as {@code traceparent}; empty when nothing is traced.
         */
        public Optional<String> traceparent() {
            SpanContext context = span.getSpanContext();
            return context.isValid()
                    ? Optional.of(
                            "00-%s-%s-%s"
                                    .formatted(
                                            context.getTraceId(),
                                            context.getSpanId(),
                                            context.getTraceFlags().asHex()))
                    : Optional.empty();
        }

        @Override
        public void close() {
            scope.close();
            span.end();
            if (ownsFields) {
                MDC.remove("request");
                MDC.remove("trace");
            }
        }
    }

    /** Reads the one header that is given. */
    private enum Header implements TextMapGetter<String> {
        ONLY;

        @Override
        public @Nullable String get(@Nullable String carrier, String key) {
            return key.equals("traceparent") ? carrier : null;
        }
    }

    /** Sends what is still buffered. */
    @Override
    public void close() {
        end.run();
    }
}
