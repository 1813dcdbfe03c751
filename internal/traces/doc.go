// Package traces sends a span for each request to a collector of OpenTelemetry, by OTLP over HTTP.
// The standard variables (OTEL_…) say where to and how many. Without an endpoint Start returns
// nil, and requests cost nothing.
//
// A span is made when the answer is ready, from the instants that are known then, so nothing
// waits for it. Spans wait in a bounded queue; what finds no room is dropped.
package traces
