package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/bench/report"
)

// This runs the whole scenario with a real Redis.
func TestSizing(t *testing.T) {
	t.Parallel()
	needRedis(t)
	// Processor time is counted in hundredths of a second: long enough for some on a busy machine.
	rep := runTest(t, sizingScenario(), func(o *Options) {
		o.Client, o.Duration, o.Rounds, o.Sessions, o.Connections, o.Rate = "own", 1500*time.Millisecond, 1, 3000, 8, 300
	})
	wantGood(t, rep)
	text := strings.Join(rep.Facts, "\n")
	for _, part := range []string{"for 100000000 live sessions and 1000000 refreshes a second", "what breaks first: the ", "masters of Redis, for each resource: ", "assumed: "} {
		if !strings.Contains(text, part) {
			t.Errorf("the sheet lacks %q:\n%s", part, text)
		}
	}
	memory, _ := rep.Find(measureMemory, "redis")
	full, _ := rep.Find(measureFull, "ours")
	if with, without := memory.Median(indexedBytes), memory.Median(aloneBytes); with <= without || without < 100 {
		t.Errorf("a session takes %.0f bytes with the index and %.0f without", with, without)
	}
	if full.Median(toRedis) < 30 || full.Median(fromRedis) < 30 || full.Median(aofBytes) < 20 || full.Median(answerBytes) < 1500 {
		t.Errorf("a refresh: %v; want bytes in each figure", full.Spreads)
	}
}

func TestCost_Sheet(t *testing.T) {
	c := cost{session: 400, bare: 300, server: 30, redis: 6, toRedis: 100, fromRedis: 200, request: 100, answer: 4000, aof: 100}
	if got, want := c.masters(100e6, 1e6), []need{{"processor", 10}, {"memory", 2}, {"append-only file", 1}, {"network", 1}}; !slices.Equal(got, want) {
		t.Errorf("masters(100e6, 1e6) = %v; want %v", got, want)
	}
	if got := c.masters(10e9, 1e6)[0]; got != (need{"memory", 125}) {
		t.Errorf("of ten thousand million sessions %v breaks first; want memory, 125", got)
	}
	text := strings.Join(c.sheet(100e6, 1e6), "\n")
	for _, want := range []string{
		"servers: 30 cores of work, 50 with 60 % busy; 4 machines of 16 cores; visitors send 0.8 Gbit/s and get 32.0, so 8.00 Gbit/s for each machine",
		"Redis: 40.0 GB of sessions (30.0 GB without the index); 6.0 cores of work; 0.8 Gbit/s to it, 1.6 from it; 100 MB/s into append-only files, 8.6 TB a day",
		"at most 166667 refreshes a second, one of a server 33333", "so 10 masters with as many replicas, each with 10.0 million sessions and 100000 refreshes a second",
		"what breaks first: the processor of Redis",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the sheet lacks %q:\n%s", want, text)
		}
	}
	if huge := strings.Join(c.sheet(1e12, 1), "\n"); !strings.Contains(huge, "a Cluster of Redis is made for 1000 masters") {
		t.Errorf("a sheet for too many masters does not say so:\n%s", huge)
	}
}

// Without a figure there is no sheet.
func TestShow_SizingIncomplete(t *testing.T) {
	o := sizingScenario().options()
	r := &report.Report{}
	showSizing(&o, r)
	if len(r.Bad) != 2 {
		t.Errorf("bad = %q; want two measures that are missing", r.Bad)
	}
}
