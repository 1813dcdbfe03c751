package app

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/valyala/fasthttp"

	"pagesession/internal/web"
	"pagesession/session/fiberv2"
	"pagesession/storage"
)

// BenchmarkHandler measures a refresh without the engine and the network: routing,
// checks, policy, store and page.
func BenchmarkHandler(b *testing.B) {
	store, err := storage.Open(storage.Config{Database: b.TempDir() + "/sessions.db"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	policy := fiberv2.DefaultConfig()
	policy.Store = store.Sessions()
	p, err := fiberv2.New(policy)
	if err != nil {
		b.Fatal(err)
	}
	pages, err := web.New(web.Config{Sessions: p, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	handler := web.Handler(pages)
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetHost("localhost:8000")
	ctx.Request.SetRequestURI("/set/?name=Ada")
	handler(&ctx)
	id := bytes.Clone(ctx.Response.Header.PeekCookie("sessionid"))[len("sessionid="):][:26]
	ctx.Request.SetRequestURI("/get/")
	ctx.Request.Header.SetCookie("sessionid", string(id))
	b.ReportAllocs()
	for b.Loop() {
		ctx.ResetUserValues() // as the engine does; the page's memory is one
		ctx.Response.Reset()
		handler(&ctx)
	}
	if !bytes.Contains(ctx.Response.Body(), []byte("<bdi>Ada</bdi>")) {
		b.Fatalf("no session: %s", ctx.Response.Body())
	}
}
