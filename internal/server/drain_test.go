package server_test

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// Under load, a stop answers each request that a handler has seen, and all answers are
// complete.
func TestShutdown_UnderLoadAnswersEveryHandledRequest(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		for round := range 5 {
			r := start(t, config())
			var handled, answered atomic.Int64
			r.Ready(func(ctx *fasthttp.RequestCtx) {
				handled.Add(1)
				ctx.SetBody(make([]byte, 10_000))
			})
			var clients sync.WaitGroup
			for range 16 {
				c := r.dial(t)
				clients.Go(func() {
					if err := askUntilClosed(c, &answered); err != nil {
						t.Error(err)
					}
				})
			}
			for handled.Load() < 500 {
				time.Sleep(time.Millisecond) // until the load is on
			}
			if err := r.stop(testkit.Patience); err != nil {
				t.Errorf("round %d: Shutdown() = %v; want nil", round, err)
			}
			clients.Wait()
			if h, a := handled.Load(), answered.Load(); h != a {
				t.Errorf("round %d: %d requests handled, %d answered; want the same", round, h, a)
			}
		}
	})
}

// askUntilClosed counts complete answers. A connection may end before an answer, as
// keep-alive clients expect; an end within an answer is an error.
func askUntilClosed(c *testkit.Conn, answered *atomic.Int64) error {
	for {
		if _, err := io.WriteString(c.Conn, get); err != nil {
			return nil
		}
		if _, err := c.In.Peek(1); err != nil {
			return nil
		}
		var res fasthttp.Response
		if err := res.Read(c.In); err != nil {
			return fmt.Errorf("an answer broke off: %w", err)
		}
		answered.Add(1)
		if res.ConnectionClose() {
			return nil
		}
	}
}
