package metrics

import (
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

func TestRouteOf(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "/get": "/get/", "/get/": "/get/", "/session/stream/": "/session/stream/", "/admin": "/admin/", "/admin/users/7/": "/admin/",
		"/static/app-1234.css": "/static/", "/favicon.ico": "/static/", "/livez": "/livez", "/readyz": "/readyz",
		"": "other", "/get/7": "other", "/GET/": "other", "/administrator": "other", "/static": "other", "/metrics": "other",
	} {
		if got := Routes[RouteOf([]byte(path))]; got != want {
			t.Errorf("RouteOf(%q) = %q; want %q", path, got, want)
		}
	}
	if Routes[Other] != "other" || len(Routes) != Other+1 {
		t.Errorf("Routes ends with %q; want other", Routes[Other])
	}
}

// answered returns a request that has its answer.
func answered(path string, status int) *fasthttp.RequestCtx {
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.SetRequestURI(path)
	ctx.Response.SetStatusCode(status)
	return ctx
}

func TestRequests_Observe(t *testing.T) {
	var r Requests
	now := time.Now()
	r.Observe(answered("/get/", 200), now)
	r.Observe(answered("/get/", 303), now.Add(-time.Minute))
	r.Observe(answered("/get/", 404), now)                // as outside of the base path
	r.Observe(answered("/get/", 413), time.Time{})        // it could not be read
	r.Observe(answered("/get/", 700), now.Add(time.Hour)) // no status, and a clock that went back
	r.Observe(answered("/nothing/?q=secret", 404), now)   // its path is not kept
	for i, want := range []uint64{1, 1, 0, 1} {
		if got := r.answers(get, i); got != want {
			t.Errorf("answers of /get/ in %s = %d; want %d", classes[i], got, want)
		}
	}
	if got := r.answers(Other, 2); got != 3 {
		t.Errorf("other answers in 4xx = %d; want 3", got)
	}
	h := r.durations(get)
	if h.Count != 3 || h.Sum < 60 || h.Sum > 3600 || h.Buckets[5] != 2 {
		t.Errorf("durations of /get/ = %+v; want 3, one of them a minute", h)
	}
}

func TestRequests_ObserveAllocatesNothing(t *testing.T) {
	var r Requests
	ctx, began := answered("/get/", 200), time.Now()
	r.Observe(ctx, began) // which parses the path
	if n := testing.AllocsPerRun(1000, func() { r.Observe(ctx, began) }); n > 0 {
		t.Errorf("Observe makes %v allocations; want 0", n)
	}
}

func BenchmarkRequests_Observe(b *testing.B) {
	var r Requests
	ctx, began := answered("/get/", 200), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		r.Observe(ctx, began)
	}
}
