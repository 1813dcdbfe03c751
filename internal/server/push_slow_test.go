package server_test

import (
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pagesession/internal/server"

	"github.com/valyala/fasthttp"
)

// A client that reads nothing, whose buffers are full, delays neither who wakes its stream nor
// the events of others.
func TestDetach_SlowClientDelaysNoOther(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, limited(func(l *server.Limits) { l.Write, l.DrainRead = time.Hour, short }))
		begun, stuck := make(chan *server.Push, 2), make(chan struct{})
		r.Ready(func(ctx *fasthttp.RequestCtx) {
			ctx.SetContentType("text/event-stream")
			slow := string(ctx.Path()) == "/slow"
			_ = server.Detach(ctx, netip.Addr{}, func(p *server.Push) {
				begun <- p
				if slow {
					time.AfterFunc(short, func() { close(stuck) })
					for event := strings.Repeat("x", 1<<20); p.Send(event) == nil; {
					}
					return
				}
				for p.Pause(time.Hour) == nil && p.Send("event") == nil {
				}
			})
		})
		r.dial(t).Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
		slow := within(t, "the slow stream", begun)
		within(t, "full buffers", stuck)
		c := r.dial(t)
		c.Send(get)
		other := within(t, "the other stream", begun)
		woken := time.Now()
		for range 1000 {
			slow.Wake()
		}
		other.Wake()
		got := make([]byte, len("event"))
		if _, err := io.ReadFull(c.Receive("GET").Body, got); err != nil || string(got) != "event" || time.Since(woken) > promptly {
			t.Errorf("beside a slow client: %q, %v after %v; want the event at once", got, err, time.Since(woken))
		}
	})
}
