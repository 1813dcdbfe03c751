package main

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// openClients are the open loop on this system's wires and on those of all
// others.
func openClients() map[string]openClient {
	return map[string]openClient{"here": {wires: newWires}, "anywhere": {wires: newNetWires}}
}

// openLoad is a load that a busy machine can bear.
func openLoad(url string, ids []string) load {
	return load{
		url: url + "/get/", ids: ids, expect: expectation{marker: liveMarker, cookie: len(ids) > 0},
		connections: 8, threads: 1, duration: 300 * time.Millisecond, rate: 500,
	}
}

// stallOnce is the page, whose server stands still once: at 300 ms after the
// first request, for 200 ms, for all.
func stallOnce() *fiber.App {
	var first sync.Once
	var began time.Time
	var once sync.Once
	var gate sync.RWMutex
	app := newPeerApp()
	app.Get("/get/", func(c *fiber.Ctx) error {
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
		return renderPeerPage(c, getTemplate, visitorName)
	})
	return app
}

// What the open loop is for: a stall of 200 ms within a second meets a fifth
// of all who would have come. The closed loop asks nothing meanwhile: only
// its 8 connections see it, and its percentiles say that all is well. (Its p99
// as well, with the thousands of answers that an idle machine gives; p90 holds
// on a busy one, too.)
func TestOpenLoop_ShowsAStallThatAClosedOneHides(t *testing.T) {
	t.Parallel() // it waits more than it works
	l := openLoad(serve(t, stallOnce()), nil)
	l.duration = time.Second
	closed, err := ownClient{}.run(t.Context(), l)
	if err != nil || closed.Latency == nil {
		t.Fatalf("closed loop: %+v, %v", closed, err)
	}
	if closed.Latency.Max < 190 || closed.Latency.P90 > 80 {
		t.Errorf("closed loop: %+v of %d; want the stall in the max and not in the p90", closed.Latency, closed.Good)
	}
	for name, c := range openClients() {
		l := openLoad(serve(t, stallOnce()), nil)
		l.duration = time.Second
		res, err := c.run(t.Context(), l)
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
	url := serve(t, memoryPeer())
	ids := seedTest(t, url, 100)
	for name, c := range openClients() {
		res, err := c.run(t.Context(), openLoad(url, ids))
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
	ids := seedTest(t, serve(t, memoryPeer()), 10)
	forgetful := serve(t, memoryPeer())
	for name, c := range openClients() {
		res, err := c.run(t.Context(), openLoad(forgetful, ids))
		if err != nil || res.Expired != 150 || res.Good+res.Wrong+res.Errors != 0 || res.Latency != nil {
			t.Errorf("%s: run = %+v, %v; want 150 expired answers and no latency", name, res, err)
		}
	}
}

func TestOpenLoop_EveryKindOfAnswerIsCounted(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, c := range openClients() {
		res, err := c.run(t.Context(), openLoad(serve(t, moodyPeer()), []string{"a"}))
		if err != nil || res.Good < 37 || res.Good > 38 || res.Expired < 37 || res.Expired > 38 || res.Wrong != 150-res.Good-res.Expired {
			t.Errorf("%s: run = %+v, %v; want a quarter good, a quarter expired, the rest wrong", name, res, err)
		}
	}
}

// Each answer ends its connection, as it says.
func TestOpenLoop_ConnectionsThatEnd(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, c := range openClients() {
		app := newPeerApp()
		app.Get("/get/", func(c *fiber.Ctx) error {
			c.Context().SetConnectionClose()
			return renderPeerPage(c, getTemplate, visitorName)
		})
		res, err := c.run(t.Context(), openLoad(serve(t, app), nil))
		if err != nil || res.Good != 150 || res.Errors != 0 {
			t.Errorf("%s: run = %+v, %v; want new connections and 150 good answers", name, res, err)
		}
	}
}

func TestOpenLoop_NobodyThere(t *testing.T) {
	for name, c := range openClients() {
		if res, err := c.run(t.Context(), openLoad("http://127.0.0.1:1", nil)); err == nil {
			t.Errorf("%s: run = %+v; want an error", name, res)
		}
	}
}

func TestOpenLoop_StopsWithItsContext(t *testing.T) {
	t.Parallel() // it waits more than it works
	url := serve(t, pagePeer())
	for name, c := range openClients() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		l := openLoad(url, nil)
		l.duration = 30 * time.Second
		began := time.Now()
		res, err := c.run(ctx, l)
		if err != nil || res.Good == 0 || res.Errors != 0 || time.Since(began) > 5*time.Second || res.Seconds > 5 {
			t.Errorf("%s: run = %+v, %v after %s; want what there was at once", name, res, err, time.Since(began))
		}
	}
}

// The whole way with a real child: probe, rate, rounds, table, JSON.
func TestRunBench_Open(t *testing.T) {
	opt := testOptions("page")
	opt.refresh, opt.create, opt.open, opt.rounds = false, false, true, 1
	rep, err := runBench(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Summaries) != 1 || len(rep.Runs) != 3 {
		t.Fatalf("%d summaries, %d runs; want 1 of a probe and two rounds of open", len(rep.Summaries), len(rep.Runs))
	}
	s := rep.Summaries[0]
	if s.Measure != openMeasure || s.Open == nil || s.Open.Asked != rep.Runs[0].rate()/2 || s.P999 == nil {
		t.Errorf("summary = %+v, %+v; want half of the probe's rate", s, s.Open)
	}
	var text strings.Builder
	rep.print(&text)
	for _, want := range []string{"open: GET /get/ at ", "p99.9 ms", "not judged: open at most 1.25 times page"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, text.String())
		}
	}
	if data, err := json.Marshal(rep); err != nil || !strings.Contains(string(data), `"client_lag"`) {
		t.Errorf("the JSON lacks the lag: %v", err)
	}
}

func TestOpenRate(t *testing.T) {
	runs := []run{
		{Measure: refresh, Peer: ours, result: result{Good: 300, Seconds: 1}},
		{Measure: refresh, Peer: "page", result: result{Good: 90, Seconds: 1}},
		{Measure: refresh, Peer: "page", result: result{Good: 100, Seconds: 1}},
		{Measure: refresh, Peer: "page", result: result{Good: 900, Seconds: 1}},
		{Measure: refresh, Peer: "memory", result: result{Good: 10, Seconds: 1}},
		{Measure: create, Peer: ours, result: result{Good: 10, Seconds: 1}},
	}
	both := choosePeers(openPeers)
	for name, test := range map[string]struct {
		told float64
		runs []run
		want float64
	}{
		"half of the slower one's median": {0, runs, 50},
		"as told":                         {123, runs, 123},
		"one gave nothing":                {0, runs[:1], 0},
	} {
		if got := openRate(options{openRate: test.told}, both, test.runs); got != test.want {
			t.Errorf("%s: openRate = %g; want %g", name, got, test.want)
		}
	}
}

func opened(peer string, p99, lag float64) summary {
	s := rated(openMeasure, peer, 1000)
	s.P99, s.Open = &spread{Median: p99}, &openSummary{LagP99: &spread{Median: lag}}
	return s
}

func TestCompare_Open(t *testing.T) {
	table := []floor{{measure: openMeasure, peer: "page", atMost: true, limit: 1.25}}
	for name, test := range map[string]struct {
		own, page summary
		want      comparison
	}{
		"as quick":            {opened(ours, 2, 0.1), opened("page", 2, 0.1), comparison{Ratio: 1, Floor: "at most 1.25"}},
		"slower":              {opened(ours, 3, 0.1), opened("page", 2, 0.1), comparison{Ratio: 1.5, Floor: "at most 1.25", Missed: true}},
		"late with ours":      {opened(ours, 3, 2.9), opened("page", 2, 0.1), comparison{Ratio: 1.5}},
		"late with the other": {opened(ours, 3, 0.1), opened("page", 2, 1.9), comparison{Ratio: 1.5}},
	} {
		want := test.want
		want.Measure, want.Peer = openMeasure, "page"
		got := compare([]summary{test.own, test.page}, table)
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: compare = %+v; want %+v", name, got, want)
		}
		if late := len(openNotes([]summary{test.own, test.page})) == 1; late != (want.Floor == "") {
			t.Errorf("%s: noted that the client was late: %v", name, late)
		}
	}
}

func TestOpenNotes_Overrun(t *testing.T) {
	s := opened("page", 2, 0.1)
	s.Open.Scheduled, s.Open.Waited = 1000, 100
	if got := openNotes([]summary{s}); got != nil {
		t.Errorf("notes at a tenth = %q; want none", got)
	}
	s.Open.Waited = 101
	if got := openNotes([]summary{s}); len(got) != 1 || !strings.Contains(got[0], "could not bear") {
		t.Errorf("notes = %q; want that the server could not bear the rate", got)
	}
}
