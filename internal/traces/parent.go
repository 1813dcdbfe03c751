package traces

import (
	"context"

	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/propagation"

	"pagesession/internal/client"
)

// parent returns a context with the span of a trusted proxy that the request belongs to. What
// other clients send does not count: it would let them choose what is sampled, and in
// which trace it is seen.
func (t *Tracer) parent(ctx *fasthttp.RequestCtx) context.Context {
	if !t.propagation || !client.IsTrusted(ctx) || len(ctx.Request.Header.PeekAll("traceparent")) != 1 {
		return context.Background()
	}
	return propagation.TraceContext{}.Extract(context.Background(), carrier{&ctx.Request.Header})
}

// A carrier reads the headers of a request.
type carrier struct{ *fasthttp.RequestHeader }

// Get returns the value of a header.
func (c carrier) Get(name string) string { return string(c.Peek(name)) }

// Set does nothing: requests are only read.
func (carrier) Set(string, string) {}

// Keys returns no names: requests are only read by name.
func (carrier) Keys() []string { return nil }
