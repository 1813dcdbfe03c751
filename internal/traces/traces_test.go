package traces_test

import (
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
	span "go.opentelemetry.io/proto/otlp/trace/v1"

	"pagesession/internal/client"
	"pagesession/internal/testkit"
	"pagesession/internal/testkit/collector"
	"pagesession/internal/traces"
)

// start returns a tracer for these variables, and its log.
func start(t *testing.T, variables ...string) (*traces.Tracer, *testkit.Log) {
	t.Helper()
	for i := 0; i < len(variables); i += 2 {
		t.Setenv(variables[i], variables[i+1])
	}
	log := new(testkit.Log)
	tracer, err := traces.Start(os.Getenv, "v1.2.3", slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tracer.Stop)
	return tracer, log
}

// flush sends what waits to a collector that works.
func flush(t *testing.T, tracer *traces.Tracer) {
	t.Helper()
	if err := tracer.Flush(); err != nil {
		t.Fatal(err)
	}
}

const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"

// answered returns a request from a peer that has its answer, behind a server that trusts 10.0.0.7.
func answered(t *testing.T, peer, method, target string, status int, headers ...string) *fasthttp.RequestCtx {
	t.Helper()
	ctx := new(fasthttp.RequestCtx)
	ctx.SetRemoteAddr(&net.TCPAddr{IP: net.ParseIP(peer)})
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(target)
	ctx.Request.Header.SetCookie("sessionid", "secretid")
	for i := 0; i < len(headers); i += 2 {
		ctx.Request.Header.Add(headers[i], headers[i+1])
	}
	trusted, err := client.Parse("10.0.0.7")
	if err != nil {
		t.Fatal(err)
	}
	client.NewResolver(trusted, slog.New(slog.DiscardHandler)).Handler(func(ctx *fasthttp.RequestCtx) { ctx.Response.SetStatusCode(status) })(ctx)
	return ctx
}

// attributesOf returns the attributes of a span in their order.
func attributesOf(s *span.Span) string {
	var all []string
	for _, a := range s.Attributes {
		value := a.Value.GetStringValue()
		if value == "" {
			value = fmt.Sprint(a.Value.GetIntValue())
		}
		all = append(all, a.Key+"="+value)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// A request is a span with route, method and status, and nothing that the client chose. Its step
// is a span inside it.
func TestTracer_Spans(t *testing.T) {
	c := collector.Start(t)
	tracer, _ := start(t, endpoint, c.URL, "OTEL_EXPORTER_OTLP_HEADERS", "api-key=k")
	began := time.Now().Add(-time.Minute)
	created := answered(t, "10.0.0.8", "POST", "/set/?name=secretname", 200)
	tracer.Step(created, "create session", began.Add(time.Second))
	tracer.Observe(created, began)
	tracer.Observe(answered(t, "10.0.0.8", "GET", "/admin/sessions/secrethandle/", 503), began)
	tracer.Observe(answered(t, "10.0.0.8", "SECRET", "/secretpath/", 404), began)
	tracer.Observe(answered(t, "10.0.0.8", "GET", "/", 400), time.Time{}) // it could not be read
	flush(t, tracer)
	var got []string
	byName := map[string]*span.Span{}
	for _, s := range c.Spans() {
		got, byName[s.Name] = append(got, s.Name+": "+attributesOf(s)), s
	}
	slices.Sort(got)
	want := []string{
		"GET /admin/: http.request.method=GET http.response.status_code=503 http.route=/admin/",
		"POST /set/: http.request.method=POST http.response.status_code=200 http.route=/set/",
		"create session: ",
		"other other: http.request.method=other http.response.status_code=404 http.route=other",
	}
	if !slices.Equal(got, want) {
		t.Fatalf("spans %q; want %q", got, want)
	}
	outer, inner := byName["POST /set/"], byName["create session"]
	if string(inner.ParentSpanId) != string(outer.SpanId) || inner.StartTimeUnixNano < outer.StartTimeUnixNano || inner.EndTimeUnixNano > outer.EndTimeUnixNano {
		t.Errorf("the step %v is not inside %v", inner, outer)
	}
	if took := time.Duration(outer.EndTimeUnixNano - outer.StartTimeUnixNano); outer.Kind != span.Span_SPAN_KIND_SERVER || took < time.Minute {
		t.Errorf("kind %v, took %v; want a server's, of a minute", outer.Kind, took)
	}
	if failed, fine := byName["GET /admin/"].Status.GetCode(), outer.Status.GetCode(); failed != span.Status_STATUS_CODE_ERROR || fine != span.Status_STATUS_CODE_UNSET {
		t.Errorf("the status of 503 is %v, that of 200 %v; want error, unset", failed, fine)
	}
	if name, version, key := c.Resource("service.name"), c.Resource("service.version"), c.Header("api-key"); name != "pagesession" || version != "v1.2.3" || key != "k" {
		t.Errorf("service %q %q, key %q; want pagesession v1.2.3 and k", name, version, key)
	}
	if strings.Contains(strings.ToLower(c.Raw()), "secret") {
		t.Errorf("the collector got what a client sent: %q", c.Raw())
	}
}

// Only a trusted proxy says which trace a request belongs to.
func TestTracer_Parent(t *testing.T) {
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, tc := range []struct {
		name, peer, propagators string
		headers                 []string
		want                    bool
	}{
		{"trusted", "10.0.0.7", "", []string{"traceparent", parent}, true},
		{"a stranger", "10.0.0.8", "", []string{"traceparent", parent}, false},
		{"two of them", "10.0.0.7", "", []string{"traceparent", parent, "traceparent", parent}, false},
		{"malformed", "10.0.0.7", "", []string{"traceparent", "00-" + trace + "-0-01"}, false},
		{"no propagation", "10.0.0.7", "none", []string{"traceparent", parent}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := collector.Start(t)
			tracer, _ := start(t, endpoint, c.URL, "OTEL_PROPAGATORS", tc.propagators)
			tracer.Observe(answered(t, tc.peer, "GET", "/get/", 200, tc.headers...), time.Now())
			flush(t, tracer)
			spans := c.Spans()
			if len(spans) != 1 || (hex.EncodeToString(spans[0].TraceId) == trace) != tc.want {
				t.Errorf("spans %v; want one, of the proxy's trace: %v", spans, tc.want)
			}
		})
	}
}

// The standard variables say how many spans there are, and how the service is called.
func TestStart_Variables(t *testing.T) {
	c := collector.Start(t)
	tracer, _ := start(t, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.URL+"/v1/traces", "OTEL_SERVICE_NAME", "pages", "OTEL_TRACES_SAMPLER", "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG", "0.25")
	for range 400 {
		tracer.Observe(answered(t, "10.0.0.8", "GET", "/get/", 200), time.Now())
	}
	flush(t, tracer)
	if n := len(c.Spans()); n < 40 || n > 200 { // 7 sigmas
		t.Errorf("%d spans of 400 requests with 0.25; want about 100", n)
	}
	if name := c.Resource("service.name"); name != "pages" {
		t.Errorf("service.name = %q; want pages", name)
	}
}

// Without an endpoint, and when the variables say so, there is no tracer.
func TestStart_Off(t *testing.T) {
	for _, variables := range []map[string]string{
		nil, {"OTEL_SERVICE_NAME": "x"}, {endpoint: "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "True"}, {endpoint: "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"},
	} {
		tracer, err := traces.Start(func(name string) string { return variables[name] }, "", slog.New(slog.DiscardHandler))
		if tracer != nil || err != nil {
			t.Errorf("Start(%v) = %v, %v; want none", variables, tracer, err)
		}
		tracer.Stop()
	}
}

// A variable that would send traces to an address that was never named is an error. It names the
// variable, not its value.
func TestStart_BadVariables(t *testing.T) {
	for _, tc := range []struct{ name, value, want string }{
		{endpoint, "127.0.0.1:4318", endpoint + " is not an http or https URL; use for example http://127.0.0.1:4318"},
		{endpoint, "grpc://127.0.0.1:4317", endpoint + " is not an http or https URL; use for example http://127.0.0.1:4318"},
		{endpoint, "http://ada:password@127.0.0.1", endpoint + " has more than host and path; put credentials into OTEL_EXPORTER_OTLP_HEADERS"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://h/?key=password", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT has more than host and path; put credentials into OTEL_EXPORTER_OTLP_HEADERS"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not supported; use http/protobuf, and the collector's port for it, as a rule 4318"},
	} {
		variables := map[string]string{endpoint: "http://127.0.0.1:4318"}
		variables[tc.name] = tc.value
		tracer, err := traces.Start(func(name string) string { return variables[name] }, "", slog.New(slog.DiscardHandler))
		if tracer != nil || err == nil || err.Error() != tc.want {
			t.Errorf("Start(%s=%s) = %v, %v; want %s", tc.name, tc.value, tracer, err, tc.want)
		}
	}
}

// A collector that hangs delays no request, and the stop by a bounded time only.
func TestTracer_CollectorHangs(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	tracer, _ := start(t, endpoint, s.URL)
	ctx := answered(t, "10.0.0.8", "GET", "/get/", 200)
	for range 10_000 { // five times the queue
		tracer.Observe(ctx, time.Now())
	}
	ended := make(chan struct{})
	go func() { tracer.Stop(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(8 * time.Second): // the export itself waits for 10 s
		t.Error("Stop waits for a collector that hangs")
	}
}

// A malformed variable is a line in the log, and its value is not in the log.
func TestStart_MalformedVariable(t *testing.T) {
	c := collector.Start(t)
	_, log := start(t, endpoint, c.URL, "OTEL_EXPORTER_OTLP_HEADERS", "secret-without-a-name")
	if text := log.String(); !strings.Contains(text, "a variable OTEL_… is not understood") || strings.Contains(text, "secret") {
		t.Errorf("the log lacks a line about the variable, or has its value:\n%s", text)
	}
}

// A collector that refuses spans is in the log.
func TestTracer_CollectorRefuses(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	tracer, log := start(t, endpoint, s.URL, "OTEL_BSP_SCHEDULE_DELAY", "10")
	tracer.Observe(answered(t, "10.0.0.8", "GET", "/get/", 200), time.Now())
	for end := time.Now().Add(testkit.Patience); !strings.Contains(log.String(), "level=WARN") && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if !strings.Contains(log.String(), "level=WARN msg=\"traces are incomplete\"") {
		t.Errorf("the log says nothing: %s", log)
	}
}

func BenchmarkObserve(b *testing.B) {
	for _, sampler := range []string{"always_on", "always_off"} {
		b.Run(sampler, func(b *testing.B) {
			c := collector.Start(b)
			b.Setenv(endpoint, c.URL)
			b.Setenv("OTEL_TRACES_SAMPLER", sampler)
			tracer, err := traces.Start(os.Getenv, "", slog.New(slog.DiscardHandler))
			if err != nil {
				b.Fatal(err)
			}
			defer tracer.Stop()
			ctx := new(fasthttp.RequestCtx)
			ctx.Request.SetRequestURI("/get/")
			b.ReportAllocs()
			for b.Loop() {
				tracer.Observe(ctx, time.Now())
			}
		})
	}
}
