package server_test

import (
	"testing"

	"pagesession/internal/server"

	"github.com/valyala/fasthttp"
)

// What a client beyond the limit is told is up to whoever has the pages.
func TestBusy_HasItsOwnHandler(t *testing.T) {
	r := start(t, server.Config{
		Limits: server.Limits{Connections: 1, Overflow: 1},
		Busy: func(ctx *fasthttp.RequestCtx) {
			ctx.SetStatusCode(503)
			ctx.SetBodyString("come back later")
		},
	})
	r.Ready(hello)
	first := r.dial(t)
	if res := first.Ask(get); res.StatusCode != 200 {
		t.Fatalf("within the limit: status = %d; want 200", res.StatusCode)
	}
	surplus := r.dial(t)
	if res := surplus.Ask(get); res.StatusCode != 503 || res.Text != "come back later" || !res.Close {
		t.Errorf("over the limit: %d, %q, close %v; want 503, come back later, close", res.StatusCode, res.Text, res.Close)
	}
}
