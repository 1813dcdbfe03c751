package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

func shortScale(o *Options) {
	o.Client, o.Sizes, o.Rounds, o.Duration = "own", []int{20, 400}, 1, 200*time.Millisecond
	o.Connections, o.Threads = 8, 1
}

// This runs the whole scenario with the real product.
func TestScale(t *testing.T) {
	t.Parallel()
	r := runTest(t, scaleScenario(), shortScale, "scale-rate.svg", "scale-size.svg", "scale-start.svg")
	wantGood(t, r)
	for _, s := range r.Summaries {
		for _, figure := range []string{report.Rate, report.P99, report.Asked, report.CPU, report.Memory, report.File, firstRate, startMemory, startMS, killStartMS, stopMS} {
			if s.Median(figure) <= 0 {
				t.Errorf("%s sessions have no %s: %+v", s.Subject, figure, s.Spreads)
			}
		}
	}
	if len(r.Facts) == 0 || !strings.HasPrefix(r.Facts[0], "with 400 sessions") || len(r.Floors) != 2 || r.Comparisons[0].Floor != "" {
		t.Errorf("facts %q, comparisons %+v; want a ratio that no floor judges", r.Facts, r.Comparisons)
	}
}

// A server without the sessions is an error before the load.
func TestScale_SessionsAreNotThere(t *testing.T) {
	o := scaleScenario().options()
	shortScale(&o)
	o.Sizes = []int{5}
	b := testBench(t, scaleScenario(), o)
	b.Product = b.Self
	if err := b.do(t.Context()); err == nil || !strings.Contains(err.Error(), "no good answer") {
		t.Errorf("scale error = %v; want that the sessions are not there", err)
	}
	checkNoneIn(t, b.dir)
}

func TestScalePlan(t *testing.T) {
	o := &Options{Sizes: []int{1, 10, 100, 1000}, Rounds: 2}
	if got := fmt.Sprint(scalePlan(o)); got != "[{1 1} {1 1000} {1 10} {1 100} {2 1000} {2 1} {2 10} {2 100}]" {
		t.Errorf("scalePlan = %v; want smallest and largest together, in turn", got)
	}
	o.Sizes = []int{7}
	if got := fmt.Sprint(scalePlan(o)); got != "[{1 7} {2 7}]" {
		t.Errorf("scalePlan = %v; want the one size in each round", got)
	}
}

func TestEqualList(t *testing.T) {
	ids := []string{"a", "b"}
	if got := equalList("own", ids, 5); !slices.Equal(got, []string{"a", "b", "a", "b", "a"}) {
		t.Errorf("equalList = %q; want the ids again and again", got)
	}
	list := equalList("wrk", ids, 5)
	for i, entry := range list {
		if !strings.HasPrefix(entry, ids[i%2]+"; n=") || len(entry) != len(list[0]) {
			t.Errorf("entry %d = %q; want the id, and one length for all", i, entry)
		}
	}
	slices.Sort(list)
	if got := len(slices.Compact(list)); got != 5 {
		t.Errorf("%d different entries; want 5", got)
	}
}

// The product ignores the second cookie, which makes wrk's entries differ, and finds
// the ids.
func TestEqualList_ForWrk(t *testing.T) {
	t.Parallel()
	wrk, err := load.Choose("wrk", t.TempDir())
	if err != nil {
		t.Skipf("wrk is not tested: %v", err)
	}
	b := testBench(t, scaleScenario(), Options{})
	srv, err := peer.StartProduct(t.Context(), b.Workshop, b.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Stop()
	ids, err := load.Seed(t.Context(), srv.URL, 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	l := load.Load{URL: srv.URL + "/get/", IDs: equalList("wrk", ids, 100), Expect: load.Live(), Connections: 8, Threads: 1, Duration: time.Second}
	if res, err := wrk.Run(t.Context(), l); err != nil || !res.Flawless() {
		t.Errorf("Run = %+v, %v; want good answers only", res, err)
	}
}

func TestJudge_Scale(t *testing.T) {
	for name, test := range map[string]struct {
		sizes []int
		rates [][2]float64 // of each round
		want  string
	}{
		"good":        {[]int{1_000, 1_000_000}, [][2]float64{{100, 91}}, ""},
		"too slow":    {[]int{1_000, 1_000_000}, [][2]float64{{100, 89}}, "scale against 1,000: 0.89 times, MISSED at least 0.9"},
		"small sizes": {[]int{10, 100}, [][2]float64{{100, 10}}, ""},
		"one size":    {[]int{10}, [][2]float64{{100, 10}}, ""},
		"no answer":   {[]int{1_000, 1_000_000}, [][2]float64{{0, 100}}, "a round has no rate for a size, so the sizes are not compared"},
		"one round without an answer": {
			[]int{1_000, 1_000_000},
			[][2]float64{{100, 100}, {0, 100}}, "a round has no rate for a size, so the sizes are not compared",
		},
		// The medians are 200 and 110. In two of three rounds the sizes are equal.
		"the machine's speed changes": {[]int{1_000, 1_000_000}, [][2]float64{{100, 100}, {200, 200}, {200, 110}}, ""},
		"slow in two rounds": {
			[]int{1_000, 1_000_000},
			[][2]float64{{100, 80}, {200, 200}, {200, 160}}, "scale against 1,000: 0.8 times, MISSED at least 0.9",
		},
	} {
		b := &Bench{Options: &Options{Sizes: test.sizes}, scenario: scaleScenario()}
		b.Report = b.newReport(report.Machine{FsyncMS: 1})
		for round, rates := range test.rates {
			for i, size := range test.sizes {
				b.Report.Measurements = append(b.Report.Measurements, report.Measurement{
					Measure: measureScale, Subject: report.Number(float64(size)), Round: round, Figures: report.Figures{report.Rate: rates[i]},
				})
			}
		}
		(&scaleRun{Bench: b}).judge()
		checkBad(t, name, b.Report, test.want)
	}
}

// With ten million sessions a start has limits, too.
func TestJudge_ScaleStart(t *testing.T) {
	for name, test := range map[string]struct {
		start, stop float64
		want        string
	}{
		"good":     {18_000, 1_000, ""},
		"slow":     {18_001, 30, "a start with 10,000,000 sessions took 18001 ms; want at most 18000"},
		"stubborn": {9_000, 1_001, "a start with 10,000,000 sessions ended 1001 ms after SIGTERM; want at most 1000"},
	} {
		b := &Bench{Options: &Options{Sizes: []int{1_000, 10_000_000}}, scenario: scaleScenario()}
		b.Report = b.newReport(report.Machine{FsyncMS: 1})
		for _, size := range b.Sizes {
			b.Report.Measurements = append(b.Report.Measurements, report.Measurement{
				Measure: measureScale, Subject: report.Number(float64(size)),
				Figures: report.Figures{report.Rate: 100, report.CPU: 10, startMS: test.start, stopStartMS: test.stop},
			})
		}
		(&scaleRun{Bench: b}).judge()
		checkBad(t, name, b.Report, test.want)
	}
}

// A lost session is a failed check, at any rate.
func TestScaleRun_Count(t *testing.T) {
	r := &scaleRun{Bench: &Bench{Report: &report.Report{}}}
	r.count("after the kill", 1000, load.Result{Counts: load.Counts{Good: 100, Expired: 1}}, &report.Measurement{Round: 1})
	checkBad(t, "lost", r.Report, "1000 sessions, round 1, after the kill: 100 good, 0 errors, 1 expired")
}
