package e2e

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	engine "pagesession/internal/server"
	"pagesession/internal/testkit"
)

// A client that vanishes without a word, as one that loses its power, keeps its stream for as
// long as it may leave bytes unacknowledged, and no longer. Linux alone takes 15 minutes.
func TestStream_ClientVanishes(t *testing.T) {
	for name, begin := range map[string]func(ctx *fasthttp.RequestCtx, ended chan error){
		"of visitors": func(ctx *fasthttp.RequestCtx, ended chan error) {
			_ = engine.Detach(ctx, netip.Addr{}, func(p *engine.Push) {
				var err error
				for err == nil {
					if err = p.Send("beat"); err == nil {
						err = p.Pause(beatsEach)
					}
				}
				ended <- err
			})
		},
		"of the dashboard": func(ctx *fasthttp.RequestCtx, ended chan error) { engine.Stream(ctx, &beats{ended}) },
	} {
		t.Run(name, func(t *testing.T) {
			all := newNamespaces(t, 1)
			ended := make(chan error, 1)
			addr := all.inProcess(time.Second, func(ctx *fasthttp.RequestCtx) { begin(ctx, ended) })
			client := all.clients[0]
			err := client.Do(func() error {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					return err
				}
				t.Cleanup(func() { _ = c.Close() })
				_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
				_, _ = io.ReadFull(c, make([]byte, len("HTTP/1.1 200 OK")))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			client.IP(t, "link set wire down")
			gone := time.Now()
			select {
			case <-ended:
				if took := time.Since(gone); took < time.Second/2 || took > testkit.Patience {
					t.Errorf("the stream ended %v after its client; want about 1 s", took)
				}
			case <-time.After(testkit.Patience):
				t.Fatalf("the stream goes on %v after its client vanished", testkit.Patience)
			}
		})
	}
}

// beatsEach is how often the streams write here.
const beatsEach = 100 * time.Millisecond

// beats is an endless stream, until it is closed.
type beats struct{ ended chan error }

func (b *beats) Read(p []byte) (int, error) {
	time.Sleep(beatsEach) // for a real connection, whose time nothing else counts
	return copy(p, "beat"), nil
}

func (b *beats) Close() error { b.ended <- nil; return nil }

// inProcess serves in the server's namespace with a limit for clients that acknowledge
// nothing, and returns where.
func (all *namespaces) inProcess(unacknowledged time.Duration, handler fasthttp.RequestHandler) (addr string) {
	all.t.Helper()
	var ln net.Listener
	err := all.server.Do(func() (err error) {
		ln, err = net.Listen("tcp", "198.18.0.1:0")
		return err
	})
	if err != nil {
		all.t.Fatal(err)
	}
	limits := engine.DefaultLimits()
	limits.Unacknowledged = unacknowledged
	s := engine.New(engine.Config{
		Unavailable: func(*fasthttp.RequestCtx) {}, Error: func(*fasthttp.RequestCtx, int) {}, Logger: slog.New(slog.DiscardHandler), Limits: limits,
	})
	s.Ready(handler)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	all.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			all.t.Log(err) // the connection that is left is dead
		}
		if err := <-served; err != nil {
			all.t.Error(err)
		}
	})
	return ln.Addr().String()
}
