package server_test

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// A client whose connection was made before the stop gets its answer, though the server has
// not accepted it yet. Clients connect all the time, each for one request.
func TestShutdown_AnswersConnectionsThatWait(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the system resets connections that are made in the last instant")
	}
	for range 2 {
		r := start(t, config())
		r.Ready(func(ctx *fasthttp.RequestCtx) { ctx.SetConnectionClose() })
		var all sync.WaitGroup
		var answered, lost atomic.Int64
		for range 32 {
			all.Go(func() {
				for connectsAndAsks(r.addr, &answered, &lost) {
				}
			})
		}
		for answered.Load() < 300 {
			time.Sleep(time.Millisecond) // until the load is on
		}
		if err := r.stop(testkit.Patience); err != nil {
			t.Errorf("Shutdown() = %v; want nil", err)
		}
		all.Wait()
		if n := lost.Load(); n > 0 {
			t.Errorf("%d of %d clients were connected and got no answer", n, answered.Load())
		}
	}
}

// connectsAndAsks reports whether it could connect.
func connectsAndAsks(addr string, answered, lost *atomic.Int64) bool {
	c, err := net.DialTimeout("tcp", addr, testkit.Patience)
	if err != nil {
		return false
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(testkit.Patience)) // an error shows below
	if _, err := io.WriteString(c, get); err != nil {
		lost.Add(1)
		return true
	}
	if text, err := io.ReadAll(c); err != nil || !bytes.HasPrefix(text, []byte("HTTP/1.1 200 ")) {
		lost.Add(1)
		return true
	}
	answered.Add(1)
	return true
}

// A request that comes before Ready waits for it, where Holds says so. NotSoon ends the wait.
func TestHolds(t *testing.T) {
	for _, tt := range []struct {
		name string
		then func(*running)
		want int
	}{
		{"ready", func(r *running) { r.Ready(hello) }, 200},
		{"not soon", func(r *running) { r.NotSoon() }, 503},
		{"a stop", func(r *running) { r.Draining() }, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			held := make(chan struct{}, 1)
			c := config()
			c.Holds = func(ctx *fasthttp.RequestCtx) bool {
				if string(ctx.Path()) == "/livez" {
					return false
				}
				held <- struct{}{}
				return true
			}
			r := start(t, c)
			r.dial(t).Ask("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").Wants(200, "ok")
			early := r.dial(t)
			early.Send(get)
			<-held
			tt.then(r)
			early.Receive("GET").Wants(tt.want)
		})
	}
}
