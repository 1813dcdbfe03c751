package server

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fasthttp"
)

// A request waits for the start for 10 s at most, as docs/BOUNDS.md says, and no longer than
// the start.
func TestAwaitReady_Bound(t *testing.T) {
	for _, tt := range []struct {
		name string
		then time.Duration // when the server is ready; 0: never
		want time.Duration
	}{
		{"never ready", 0, 10 * time.Second},
		{"ready in time", 4 * time.Second, 4 * time.Second},
		{"ready too late", 11 * time.Second, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := New(Config{Logger: slog.New(slog.DiscardHandler), Limits: DefaultLimits(), Holds: func(*fasthttp.RequestCtx) bool { return true }})
			if tt.then > 0 {
				time.AfterFunc(tt.then, func() { s.Ready(nil) })
			}
			begin := time.Now()
			s.awaitReady(&fasthttp.RequestCtx{})
			if took := time.Since(begin); took != tt.want {
				t.Errorf("%s: a request waited %v; want %v", tt.name, took, tt.want)
			}
			time.Sleep(2 * time.Second) // until the function has run
		})
	}
}
