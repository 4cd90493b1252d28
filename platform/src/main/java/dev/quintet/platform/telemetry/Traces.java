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
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * A span around each request, in W3C Trace Context; and the fields {@code request} and {@code
 * trace} of every log line written meanwhile. A span belongs to the virtual thread that opened it
 * and is closed there.
 */
public final class Traces implements AutoCloseable {

    /** Records nothing. */
    public static final Traces NONE = new Traces(OpenTelemetry.noop(), () -> {});

    private static final Duration EXPORT_EVERY = Duration.ofSeconds(1);

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
                .orElse(NONE);
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
                                        .setScheduleDelay(EXPORT_EVERY)
                                        .build())
                        .build();
        return new Traces(
                OpenTelemetrySdk.builder().setTracerProvider(provider).build(), provider::close);
    }

    /**
     * Opens the span of one request, which gets its name at its end; a caller's trace goes on when
     * its header is well formed.
     */
    @SuppressWarnings("MustBeClosedChecker") // the step holds the scope and closes it
    public Step request(String requestId, Optional<String> traceparent) {
        Context parent =
                traceparent
                        .map(header -> W3C.extract(Context.root(), header, Header.ONLY))
                        .orElse(Context.root());
        Span span =
                tracer.spanBuilder("request")
                        .setParent(parent)
                        .setSpanKind(SpanKind.SERVER)
                        .startSpan();
        Step step = new Step(span, span.storeInContext(parent).makeCurrent());
        MDC.put("request", requestId);
        SpanContext context = step.span.getSpanContext();
        if (context.isValid()) {
            MDC.put("trace", context.getTraceId());
        }
        return step;
    }

    /** One open span; closing it ends it. */
    public static final class Step implements AutoCloseable {
        private final Span span;
        private final Scope scope;

        private Step(Span span, Scope scope) {
            this.span = span;
            this.scope = scope;
        }

        /**
         * @param route e.g. {@code POST /api/v1/keys}; never a path that a client filled in
         */
        public void answered(String route, int status) {
            span.updateName(route);
            span.setAttribute("http.route", route);
            span.setAttribute("http.response.status_code", status);
            if (status >= 500) {
                span.setStatus(StatusCode.ERROR);
            }
        }

        @Override
        public void close() {
            scope.close();
            span.end();
            MDC.remove("request");
            MDC.remove("trace");
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
