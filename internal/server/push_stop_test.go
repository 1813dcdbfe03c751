package server_test

import (
	"io"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// A stop waits until each stream has sent its end, though the machine is busy: what is left
// ends with the process, and proxies log that as a fault.
func TestDetach_ShutdownLetsStreamsEnd(t *testing.T) {
	const streams = 50
	r := start(t, config())
	var ended atomic.Int64
	r.Ready(func(ctx *fasthttp.RequestCtx) {
		ctx.SetContentType("text/event-stream")
		_ = server.Detach(ctx, netip.Addr{}, func(p *server.Push) {
			_ = p.Send("begin")
			_ = p.Pause(time.Hour)
			time.Sleep(short) // as if other work came first
			ended.Add(1)
		})
	})
	var all []*testkit.Reply
	for range streams {
		c := r.dial(t)
		c.Send(get)
		all = append(all, c.Receive("GET").Wants(200))
	}
	if err := r.stop(testkit.Patience); err != nil || ended.Load() != streams {
		t.Errorf("Shutdown() = %v when %d streams had ended; want all %d", err, ended.Load(), streams)
	}
	for _, a := range all {
		if text, err := io.ReadAll(a.Body); err != nil || string(text) != "begin" {
			t.Errorf("rest of a stream = %q, %v; want its end", text, err)
		}
	}
}

// A stop waits for a client that reads nothing as long as for the rest of a request.
func TestDetach_ShutdownWithSlowClient(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, limited(func(l *server.Limits) { l.DrainRead, l.Write = short, time.Hour }))
		full := make(chan struct{}, 1)
		r.Ready(func(ctx *fasthttp.RequestCtx) {
			_ = server.Detach(ctx, netip.Addr{}, func(p *server.Push) {
				time.AfterFunc(short, func() { full <- struct{}{} })
				for event := strings.Repeat("x", 1<<20); p.Send(event) == nil; {
				}
			})
		})
		r.dial(t).Send(get)
		within(t, "a full buffer", full)
		begun := time.Now()
		if err := r.stop(testkit.Patience); err != nil || time.Since(begun) > promptly {
			t.Errorf("Shutdown() = %v after %v; want nil after %v", err, time.Since(begun), short)
		}
	})
}
