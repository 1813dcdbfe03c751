package web

import (
	"testing"

	"github.com/valyala/fasthttp"
)

// BenchmarkGet is what a page costs beyond its session: routing, checks,
// headers and the template.
func BenchmarkGet(b *testing.B) {
	benchmark(b, "/get/")
}

func BenchmarkSessionShow(b *testing.B) {
	benchmark(b, "/session/")
}

func benchmark(b *testing.B, path string) {
	app, f := newApp(b, liveView("Sonam"))
	handler := Handler(app)
	var ctx fasthttp.RequestCtx
	b.ReportAllocs()
	for b.Loop() {
		ctx.Request.Reset()
		ctx.Response.Reset()
		ctx.Request.SetRequestURI(path)
		ctx.Request.Header.SetHost("localhost:8000")
		handler(&ctx)
		if ctx.Response.StatusCode() != fasthttp.StatusOK {
			b.Fatalf("%s = %d", path, ctx.Response.StatusCode())
		}
		f.calls = f.calls[:0]
	}
}
