package server_test

import (
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/server"
)

// observed are the answers that Observe was told of.
type observed struct {
	sync.Mutex
	status []int
	began  []time.Time
}

func (o *observed) observe(ctx *fasthttp.RequestCtx, began time.Time) {
	o.Lock()
	defer o.Unlock()
	o.status, o.began = append(o.status, ctx.Response.StatusCode()), append(o.began, began)
}

// Observe is told of each answer once: with its last status, also after a panic, and without a
// time if the request could not be read.
func TestObserve(t *testing.T) {
	var o observed
	cfg := limited(func(*server.Limits) {})
	cfg.Observe = o.observe
	r := start(t, cfg)
	r.Ready(func(ctx *fasthttp.RequestCtx) {
		if string(ctx.Path()) == "/panic" {
			panic("on purpose")
		}
	})
	begun := time.Now()
	r.dial(t).Ask(get)
	r.dial(t).Ask("GET /panic HTTP/1.1\r\nHost: x\r\n\r\n")
	c := r.dial(t)
	c.Ask(get)
	c.Ask("no request\r\n\r\n")
	o.Lock()
	defer o.Unlock()
	want := []int{200, 500, 200, 400}
	if len(o.status) != len(want) {
		t.Fatalf("Observe was told of %v; want %v", o.status, want)
	}
	for i, status := range want {
		if o.status[i] != status || o.began[i].IsZero() != (status == 400) || status != 400 && o.began[i].Before(begun) {
			t.Errorf("answer %d: %d, began %v; want %d, with a time if it could be read", i, o.status[i], o.began[i], status)
		}
	}
}
