package traces

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"pagesession/internal/metrics"
)

// stopTime is how long Stop waits for the collector to take the last spans. One that answers
// takes some milliseconds.
const stopTime = 500 * time.Millisecond

// serviceName names the server to the collector, unless OTEL_SERVICE_NAME does.
const serviceName = "pagesession"

// A Tracer makes and sends spans. Its methods are safe for concurrent use.
type Tracer struct {
	tracer      trace.Tracer
	provider    *sdk.TracerProvider
	propagation bool
}

// Start returns a Tracer for what the variables say; nil if traces are off. It does not wait for
// the collector. getenv is os.Getenv, which the SDK uses, too. An error names the variable and
// says what to write.
func Start(getenv func(string) string, version string, log *slog.Logger) (*Tracer, error) {
	set, err := read(getenv)
	if err != nil || set.endpoint == nil {
		return nil, err
	}
	report(log)
	exporter, err := otlptracehttp.New(context.Background())
	if err != nil {
		return nil, fmt.Errorf("prepare traces: %w; check the variables OTEL_EXPORTER_OTLP_…", err)
	}
	about, err := resource.New(context.Background(),
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", serviceName), attribute.String("service.version", version)),
		resource.WithFromEnv())
	if err != nil {
		log.Warn("OTEL_RESOURCE_ATTRIBUTES is not understood", slog.Any("error", err))
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))
	log.Info("sending traces", slog.String("collector", set.endpoint.Scheme+"://"+set.endpoint.Host))
	return &Tracer{provider.Tracer("pagesession"), provider, set.propagation}, nil
}

// Observe makes the span of an answer that is ready, and those of its steps. began is when the
// request was there; the zero time if it could not be read, and then there is no span.
func (t *Tracer) Observe(ctx *fasthttp.RequestCtx, began time.Time) {
	if began.IsZero() {
		return
	}
	method, route, status := metrics.MethodOf(ctx.Method()), metrics.Routes[metrics.RouteOfAnswer(ctx, began)], ctx.Response.StatusCode()
	within, span := t.tracer.Start(t.parent(ctx), method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(began))
	defer span.End()
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
	if status >= fasthttp.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
	if s, ok := ctx.UserValue(stepKey{}).(step); ok {
		_, inner := t.tracer.Start(within, s.name, trace.WithTimestamp(s.began))
		inner.End(trace.WithTimestamp(s.ended))
	}
}

// A step is a part of a request that gets a span of its own.
type step struct {
	name         string
	began, ended time.Time
}

type stepKey struct{}

// Step notes that a part of the request, which began then, ends now. A request has one step,
// the last one. The name is one of a few, and has nothing of the request.
func (t *Tracer) Step(ctx *fasthttp.RequestCtx, name string, began time.Time) {
	ctx.SetUserValue(stepKey{}, step{name, began, time.Now()})
}

// Stop sends the spans that wait, if that takes no longer than stopTime, and ends the Tracer.
// On nil it does nothing.
func (t *Tracer) Stop() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // what fails is a loss of spans, which report has said
}
