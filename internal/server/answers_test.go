package server_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// Answers says whether requests are answered: during the start, when all connections are
// taken, and not while the handler hangs. It counts nowhere.
func TestAnswers(t *testing.T) {
	c := config()
	c.Limits.Connections, c.Limits.Overflow = 1, 0
	var observed atomic.Int64
	c.Observe = func(*fasthttp.RequestCtx, time.Time) { observed.Add(1) }
	r := start(t, c)
	if err := r.Answers(t.Context()); err != nil {
		t.Errorf("Answers() during the start = %v; want nil", err)
	}
	hang := make(chan struct{})
	var hangs atomic.Bool
	r.Ready(func(ctx *fasthttp.RequestCtx) {
		if hangs.Load() {
			<-hang
		}
	})
	r.dial(t).Send("GET / HTTP/1.1\r\n") // takes the only connection
	for r.Stats().Connections < 1 {
		time.Sleep(time.Millisecond)
	}
	if err := r.Answers(t.Context()); err != nil {
		t.Errorf("Answers() without room for connections = %v; want nil", err)
	}
	if n := observed.Load(); n > 0 || r.Stats().Refused > 0 {
		t.Errorf("%d requests observed, %+v; want none", n, r.Stats())
	}
	hangs.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := r.Answers(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Answers() of a handler that hangs = %v; want that the time is over", err)
	}
	close(hang)
	hangs.Store(false)
	r.Ready(func(ctx *fasthttp.RequestCtx) { ctx.SetStatusCode(500) })
	within, done := context.WithTimeout(t.Context(), testkit.Patience)
	defer done()
	if err := r.Answers(within); err == nil {
		t.Error("Answers() of a server that answers 500 = nil; want an error")
	}
}
