// Package collector is a collector of OpenTelemetry for tests: it takes spans by OTLP over HTTP.
package collector

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collected "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	span "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// A Collector keeps what it gets. Its methods are safe for concurrent use.
type Collector struct {
	URL string

	mu       sync.Mutex // protects what follows
	resource map[string]string
	spans    []*span.Span
	raw      []byte
	headers  http.Header
}

// Start returns a collector that runs until the test ends.
func Start(t testing.TB) *Collector {
	c := &Collector{resource: map[string]string{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var got collected.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &got)
		}
		if err != nil || r.URL.Path != "/v1/traces" || r.Method != http.MethodPost {
			t.Errorf("the collector got %s %s: %v", r.Method, r.URL.Path, err)
		}
		c.keep(&got, body, r.Header)
	}))
	t.Cleanup(s.Close)
	c.URL = s.URL
	return c
}

func (c *Collector) keep(got *collected.ExportTraceServiceRequest, body []byte, headers http.Header) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw, c.headers = append(c.raw, body...), headers
	for _, resource := range got.ResourceSpans {
		for _, a := range resource.Resource.Attributes {
			c.resource[a.Key] = a.Value.GetStringValue()
		}
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
}

// Spans returns the spans that came so far.
func (c *Collector) Spans() []*span.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spans[:len(c.spans):len(c.spans)]
}

// Resource returns what the sender says of itself.
func (c *Collector) Resource(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.resource[key]
}

// Header returns a header of the last request.
func (c *Collector) Header(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.headers.Get(name)
}

// Raw returns all bytes that came.
func (c *Collector) Raw() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.raw)
}
