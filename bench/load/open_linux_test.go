package load

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// openLoops are the open loop of this system and that of all others.
func openLoops() map[string]func(context.Context, Load) (Result, error) {
	return map[string]func(context.Context, Load) (Result, error){"here": Open, "anywhere": Paced}
}

// openLoad is a load that a busy machine can bear.
func openLoad(url string, ids []string) Load {
	return Load{
		URL: url + "/get/", IDs: ids, Expect: Expectation{Marker: LiveMarker, Cookie: len(ids) > 0},
		Connections: 8, Threads: 1, Duration: 300 * time.Millisecond, Rate: 500,
	}
}

// stallOnce is the page, whose server stands still once: at 300 ms after the
// first request, for 200 ms, for all.
func stallOnce(t *testing.T) *server {
	var began time.Time
	var first, once sync.Once
	var gate sync.RWMutex
	return newServer(t, func(c *fasthttp.RequestCtx) bool {
		first.Do(func() { began = time.Now() })
		if time.Since(began) > 300*time.Millisecond {
			once.Do(func() {
				gate.Lock()
				time.Sleep(200 * time.Millisecond) // the stall is what is tested
				gate.Unlock()
			})
		}
		gate.RLock()
		defer gate.RUnlock()
		return page(c)
	})
}

// What the open loop is for: a stall of 200 ms within a second meets a fifth
// of all who would have come. The closed loop asks nothing meanwhile: only
// its 8 connections see it, and its percentiles say that all is well. (Its p99
// as well, with the thousands of answers that an idle machine gives; p90 holds
// on a busy one, too.)
func TestOpenLoop_ShowsAStallThatAClosedOneHides(t *testing.T) {
	t.Parallel() // it waits more than it works
	l := openLoad(stallOnce(t).url, nil)
	l.Duration = time.Second
	closed, err := Own{}.Run(t.Context(), l)
	if err != nil || closed.Latency == nil {
		t.Fatalf("closed loop: %+v, %v", closed, err)
	}
	if closed.Latency.Max < 190 || closed.Latency.P90 > 80 {
		t.Errorf("closed loop: %+v of %d; want the stall in the max and not in the p90", closed.Latency, closed.Good)
	}
	for name, c := range openLoops() {
		l := openLoad(stallOnce(t).url, nil)
		l.Duration = time.Second
		res, err := c(t.Context(), l)
		if err != nil || res.Good != 500 || res.Errors+res.Expired+res.Wrong != 0 {
			t.Fatalf("%s: %+v, %v; want 500 good answers", name, res, err)
		}
		// 100 of 500 met it, evenly from 200 ms down: p90 is at half of it.
		if res.Latency.Max < 190 || res.Latency.P99 < 150 || res.Latency.P90 < 80 {
			t.Errorf("%s: %+v; want the stall in p99 and p90", name, res.Latency)
		}
	}
}

func TestOpenLoop_LiveSessions(t *testing.T) {
	t.Parallel() // it waits more than it works
	url := newServer(t).url
	ids := seed(t, url, 100)
	for name, c := range openLoops() {
		res, err := c(t.Context(), openLoad(url, ids))
		if err != nil || res.Good != 150 || res.Expired+res.Wrong+res.Errors != 0 {
			t.Errorf("%s: run = %+v, %v; want 150 good answers", name, res, err)
		}
		if l := res.Latency; l == nil || l.P50 <= 0 || l.P50 > l.P99 || l.P99 > l.Max {
			t.Errorf("%s: latency = %+v; want percentiles in order", name, l)
		}
		if res.Open == nil || res.Open.Rate != 500 || res.Open.Scheduled != 150 || res.Open.Lag == nil {
			t.Errorf("%s: open = %+v; want the schedule and the lag", name, res.Open)
		}
	}
}

func TestOpenLoop_LostSessionsAreExpired(t *testing.T) {
	t.Parallel() // it waits more than it works
	ids := seed(t, newServer(t).url, 10)
	forgetful := newServer(t).url
	for name, c := range openLoops() {
		res, err := c(t.Context(), openLoad(forgetful, ids))
		if err != nil || res.Expired != 150 || res.Good+res.Wrong+res.Errors != 0 || res.Latency != nil {
			t.Errorf("%s: run = %+v, %v; want 150 expired answers and no latency", name, res, err)
		}
	}
}

func TestOpenLoop_EveryKindOfAnswerIsCounted(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, c := range openLoops() {
		res, err := c(t.Context(), openLoad(moody(t).url, []string{"a"}))
		if err != nil || res.Good < 37 || res.Good > 38 || res.Expired < 37 || res.Expired > 38 || res.Wrong != 150-res.Good-res.Expired {
			t.Errorf("%s: run = %+v, %v; want a quarter good, a quarter expired, the rest wrong", name, res, err)
		}
	}
}

// Each answer ends its connection, as it says.
func TestOpenLoop_ConnectionsThatEnd(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, c := range openLoops() {
		closing := newServer(t, func(c *fasthttp.RequestCtx) bool {
			c.SetConnectionClose()
			return page(c)
		})
		res, err := c(t.Context(), openLoad(closing.url, nil))
		if err != nil || res.Good != 150 || res.Errors != 0 {
			t.Errorf("%s: run = %+v, %v; want new connections and 150 good answers", name, res, err)
		}
	}
}

func TestOpen_NoServer(t *testing.T) {
	if res, err := Open(t.Context(), openLoad("http://127.0.0.1:1", nil)); err == nil {
		t.Errorf("Open = %+v; want an error", res)
	}
	res, err := Paced(t.Context(), openLoad("http://127.0.0.1:1", nil))
	if err != nil || res.Errors != 150 || res.Latency != nil {
		t.Errorf("Paced = %+v, %v; want errors only", res, err)
	}
}

func TestOpenLoop_StopsWithItsContext(t *testing.T) {
	t.Parallel() // it waits more than it works
	url := newServer(t, page).url
	for name, c := range openLoops() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		l := openLoad(url, nil)
		l.Duration = 30 * time.Second
		began := time.Now()
		res, err := c(ctx, l)
		if err != nil || res.Good == 0 || res.Errors != 0 || time.Since(began) > 5*time.Second || res.Seconds > 5 {
			t.Errorf("%s: run = %+v, %v after %s; want what there was at once", name, res, err, time.Since(began))
		}
	}
}
