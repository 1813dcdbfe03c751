package server_test

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// pushing is a server whose path / is a stream of the network "a", and /b of "b". Other
// paths answer at once.
type pushing struct {
	*running
	begun chan *server.Push // each stream, when it has begun
	ended chan error        // what Pause returned last
}

func startPushing(t *testing.T, begin starter, c server.Config) *pushing {
	t.Helper()
	p := &pushing{begin(t, c), make(chan *server.Push, 16), make(chan error, 16)}
	networks := map[string]netip.Addr{"/": netip.MustParseAddr("192.0.2.1"), "/b": netip.MustParseAddr("192.0.2.2"), "/exempt": {}}
	p.Ready(func(ctx *fasthttp.RequestCtx) {
		network, ok := networks[string(ctx.Path())]
		if !ok {
			hello(ctx)
			return
		}
		ctx.SetContentType("text/event-stream")
		if err := server.Detach(ctx, network, p.serve); err != nil {
			ctx.Error(err.Error(), 503)
		}
	})
	return p
}

// serve sends "event" at each wake, until the end.
func (p *pushing) serve(push *server.Push) {
	p.begun <- push
	err := push.Send("begin")
	for err == nil {
		if err = push.Pause(time.Hour); err == nil {
			err = push.Send("event")
		}
	}
	p.ended <- err
}

// open opens the stream of a path and reads its first event.
func (p *pushing) open(t *testing.T, path string) (*testkit.Reply, *testkit.Conn, *server.Push) {
	t.Helper()
	c := p.dial(t)
	c.Send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
	res := c.Receive("GET")
	if res.StatusCode != 200 {
		t.Fatalf("GET %s = %d; want a stream", path, res.StatusCode)
	}
	wantEvent(t, res, "begin")
	return res, c, within(t, "the stream", p.begun)
}

func wantEvent(t *testing.T, r *testkit.Reply, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r.Body, got); err != nil || string(got) != want {
		t.Errorf("event = %q, %v; want %q", got, err, want)
	}
}

// status returns the status of a request for a path that is not going to be a stream. The
// server has closed the connection then, so there is room for the next.
func (p *pushing) status(t *testing.T, path string) int {
	t.Helper()
	c := p.dial(t)
	c.Send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	defer c.ExpectClosed()
	return c.Receive("GET").StatusCode
}

func TestDetach_Events(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		p := startPushing(t, start, config())
		res, _, push := p.open(t, "/")
		if !res.Close || res.TransferEncoding == nil || res.Header.Get("Date") == "" {
			t.Errorf("answer: close %v, %v, %v; want chunks until the end of the connection", res.Close, res.TransferEncoding, res.Header)
		}
		for range 3 {
			push.Wake()
			wantEvent(t, res, "event")
		}
	})
}

// A client that goes frees its place at once, and so does one that sends something.
func TestDetach_ClientLeaves(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		p := startPushing(t, start, limited(func(l *server.Limits) { l.Streams = 1 }))
		_, c, push := p.open(t, "/")
		if got := p.status(t, "/b"); got != 503 {
			t.Errorf("a second stream = %d; want 503", got)
		}
		_ = c.Close()
		within(t, "the end of the stream", p.ended)
		push.Wake() // comes too late for it
		c = p.eventually(t, "/b")
		c.Send(get)
		within(t, "the end of the stream", p.ended)
		_ = p.eventually(t, "/")
	})
}

// eventually opens a stream whose place is just being freed.
func (p *pushing) eventually(t *testing.T, path string) *testkit.Conn {
	t.Helper()
	for by := time.Now().Add(testkit.Patience); ; {
		c := p.dial(t)
		c.Send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
		if res := c.Receive("GET"); res.StatusCode == 200 || time.Now().After(by) {
			if res.StatusCode != 200 {
				t.Errorf("GET %s = %d after the other stream's end; want 200", path, res.StatusCode)
			}
			return c
		}
		_ = c.Close()
	}
}

// Streams leave the connections their places, and a network has its own number of both.
func TestDetach_CountedApart(t *testing.T) {
	c := limited(func(l *server.Limits) { l.Connections, l.Overflow, l.ForNetwork, l.Streams = 1, 0, 2, 4 })
	p := startPushing(t, start, c)
	p.open(t, "/")
	p.open(t, "/")
	if got := p.status(t, "/"); got != 503 {
		t.Errorf("a third stream of a network = %d; want 503", got)
	}
	p.open(t, "/b")
	p.open(t, "/exempt")
	if got := p.status(t, "/exempt"); got != 503 {
		t.Errorf("a fifth stream = %d; want 503", got)
	}
	if got := p.Stats(); got.Streams != 4 || got.StreamsOfNetwork != 2 || got.StreamsRefused != 1 || got.StreamsRefusedOfNetwork != 1 {
		t.Errorf("Stats() = %+v; want 4 streams, 2 of one network, and 2 refused", got)
	}
	if got := p.status(t, "/page"); got != 200 {
		t.Errorf("a page beside four streams = %d; want 200", got)
	}
}

// A stop ends streams properly, without waiting, and lets no new one begin.
func TestDetach_Shutdown(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		p := startPushing(t, start, config())
		res, _, _ := p.open(t, "/")
		begin := time.Now()
		if err := p.stop(testkit.Patience); err != nil || time.Since(begin) > promptly {
			t.Errorf("Shutdown() = %v after %v; want nil at once", err, time.Since(begin))
		}
		if rest, err := io.ReadAll(res.Body); err != nil || len(rest) != 0 {
			t.Errorf("rest of the stream = %q, %v; want its end", rest, err)
		}
		within(t, "the end of the stream", p.ended)
	})
}

// A client that reads nothing is dropped after the time for a write.
func TestDetach_SlowClient(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, limited(func(l *server.Limits) { l.Write = short }))
		ended := make(chan error, 1)
		r.Ready(func(ctx *fasthttp.RequestCtx) {
			_ = server.Detach(ctx, netip.Addr{}, func(p *server.Push) {
				var err error
				for event := strings.Repeat("x", 1<<20); err == nil; {
					err = p.Send(event)
				}
				ended <- errors.Join(err, p.Send("more"))
			})
		})
		r.dial(t).Send(get)
		if err := within(t, "the end of the stream", ended); !strings.Contains(err.Error(), "timeout") {
			t.Errorf("Send() = %v; want a timeout", err)
		}
	})
}

// A client of HTTP/1.0 gets no stream, and a panic ends only its own.
func TestDetach_Refused(t *testing.T) {
	p := startPushing(t, start, config())
	c := p.dial(t)
	c.Send("GET / HTTP/1.0\r\n\r\n")
	if res := c.Receive("GET"); res.StatusCode != 503 || res.Text != server.ErrNoChunks.Error() {
		t.Errorf("HTTP/1.0: %d %q; want ErrNoChunks", res.StatusCode, res.Text)
	}
	log := new(testkit.Log)
	cfg := config()
	cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	r := start(t, cfg)
	r.Ready(func(ctx *fasthttp.RequestCtx) {
		_ = server.Detach(ctx, netip.Addr{}, func(p *server.Push) { _ = p.Send("x"); panic("oops") })
	})
	c = r.dial(t)
	c.Send(get)
	if rest, err := io.ReadAll(bufio.NewReader(c)); err != nil || !strings.HasSuffix(string(rest), "\r\n1\r\nx\r\n") {
		t.Errorf("answer = %q, %v; want its end to be missing", rest, err)
	}
	if !strings.Contains(log.String(), "oops") {
		t.Errorf("log = %s; want the panic", log)
	}
}
