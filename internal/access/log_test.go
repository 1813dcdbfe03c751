package access_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/access"
	"pagesession/internal/network"
	"pagesession/internal/testkit"
)

// answered returns a request that has its answer.
func answered(method, target string, status int) *fasthttp.RequestCtx {
	ctx := new(fasthttp.RequestCtx)
	ctx.SetRemoteAddr(&net.TCPAddr{IP: net.IPv4(203, 0, 113, 199)})
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(target)
	ctx.Request.Header.SetCookie("sessionid", "secretid")
	ctx.Request.Header.Set("X-Request-ID", "secretheader")
	ctx.Response.SetStatusCode(status)
	ctx.Response.SetBodyString("twelve bytes")
	return ctx
}

// A line says what was asked and answered by the words of the tables, and nothing that the client
// chose. It is there whatever the level is.
func TestLog_Lines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // so that Close waits, however busy the machine is
		var out testkit.Log
		l := access.New(access.Config{To: slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelError}), Every: 1, Addresses: network.KeptNetwork})
		now := time.Now()
		l.Observe(answered("GET", "/get/?name=secretname", 200), now.Add(-time.Minute))
		l.Observe(answered("POST", "/admin/sessions/secrethandle/end/", 303), now)
		l.Observe(answered("HEAD", "/secretpath", 404), now)
		l.Observe(answered("SECRET", "/", 405), now.Add(time.Hour)) // a clock that went back
		l.Observe(answered("GET", "/set/", 413), time.Time{})       // it could not be read
		l.Close()
		var got []string
		for line := range strings.Lines(out.String()) {
			var says map[string]any
			if err := json.Unmarshal([]byte(line), &says); err != nil {
				t.Fatal(err)
			}
			if ms, known := says["duration_ms"].(float64); known && (ms < 0 || says["route"] == "/get/" && ms < 60_000) {
				t.Errorf("%s took %v ms", says["route"], ms)
			}
			if id, _ := says["request"].(string); len(id) != 16 {
				t.Errorf("the request is %q; want 16 digits", id)
			}
			_, timed := says["duration_ms"]
			for _, key := range []string{"time", "request", "duration_ms"} {
				delete(says, key)
			}
			says["timed"] = timed
			kept, _ := json.Marshal(says)
			got = append(got, string(kept))
		}
		want := []string{
			`{"address":"203.0.113.0/24","bytes":12,"class":"2xx","level":"INFO","method":"GET","msg":"request","route":"/get/","status":200,"timed":true}`,
			`{"address":"203.0.113.0/24","bytes":12,"class":"3xx","level":"INFO","method":"POST","msg":"request","route":"/admin/","status":303,"timed":true}`,
			`{"address":"203.0.113.0/24","bytes":0,"class":"4xx","level":"INFO","method":"HEAD","msg":"request","route":"other","status":404,"timed":true}`,
			`{"address":"203.0.113.0/24","bytes":12,"class":"4xx","level":"INFO","method":"other","msg":"request","route":"/","status":405,"timed":true}`,
			`{"address":"203.0.113.0/24","bytes":12,"class":"4xx","level":"INFO","msg":"request","route":"other","status":413,"timed":false}`,
		}
		if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
			t.Errorf("the log has\n%s\nwant\n%s", a, b)
		}
		if strings.Contains(strings.ToLower(out.String()), "secret") {
			t.Errorf("the log has what a client sent:\n%s", out.String())
		}
	})
}

// Without an address there is no word about it.
func TestLog_WithoutAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // so that Close waits, however busy the machine is
		var out testkit.Log
		l := access.New(access.Config{To: slog.NewTextHandler(&out, nil), Every: 1, Addresses: network.KeptNothing})
		l.Observe(answered("GET", "/", 200), time.Now())
		l.Close()
		if line := out.String(); !strings.Contains(line, "route=/ ") || strings.Contains(line, "address") || strings.Contains(line, "203.0") {
			t.Errorf("the log has %q; want no address", line)
		}
	})
}

// A sampled log has one answer in Every, and all failures of the server.
func TestLog_Sampled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // so that Close waits, however busy the machine is
		var out testkit.Log
		l := access.New(access.Config{To: slog.NewTextHandler(&out, nil), Every: 100})
		fine, failed := answered("GET", "/get/", 200), answered("GET", "/set/", 503)
		for range 1000 {
			l.Observe(fine, time.Now())
		}
		for range 5 {
			l.Observe(failed, time.Now())
		}
		l.Close()
		if a, b := strings.Count(out.String(), "status=200"), strings.Count(out.String(), "status=503"); a != 10 || b != 5 {
			t.Errorf("%d lines of 1000 answers and %d of 5 failures; want 10 and 5", a, b)
		}
	})
}

// stuck is a handler that takes nothing until it is released.
type stuck struct {
	slog.Handler
	release chan struct{}
	lines   atomic.Int64
}

func (s *stuck) Handle(context.Context, slog.Record) error {
	<-s.release
	s.lines.Add(1)
	return nil
}

// While the log takes no line, requests do not wait: lines are left out and counted, and Close
// ends in a bounded time.
func TestLog_Stuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &stuck{Handler: slog.DiscardHandler, release: make(chan struct{})}
		l := access.New(access.Config{To: to, Every: 1})
		ctx := answered("GET", "/get/", 200)
		const asked = 10_000
		for range asked {
			l.Observe(ctx, time.Now())
		}
		begin := time.Now()
		if l.Close(); time.Since(begin) != 300*time.Millisecond {
			t.Errorf("Close() took %v; want 300ms", time.Since(begin))
		}
		dropped := int64(l.Dropped())
		close(to.release)
		synctest.Wait()
		if got := to.lines.Load(); dropped == 0 || got+dropped != asked {
			t.Errorf("%d lines came and %d were dropped; want %d together", got, dropped, asked)
		}
		l.Close() // again
		l.Observe(ctx, time.Now())
	})
}

// A log that is off is nil.
func TestLog_Nil(t *testing.T) {
	var l *access.Log
	if l.Close(); l.Dropped() != 0 {
		t.Errorf("Dropped() = %d; want 0", l.Dropped())
	}
}

func BenchmarkObserve(b *testing.B) {
	for name, every := range map[string]uint64{"on": 1, "sampled": 100} {
		b.Run(name, func(b *testing.B) {
			to := slog.DiscardHandler
			l := access.New(access.Config{To: to, Every: every})
			defer l.Close()
			ctx, began := answered("GET", "/get/", 200), time.Now()
			b.ReportAllocs()
			for b.Loop() {
				ctx.ResetUserValues()
				l.Observe(ctx, began)
			}
		})
	}
}
