package scenario

import (
	"strings"
	"testing"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/report"
)

// This runs the whole scenario with the real product, at a rate that any machine reaches.
func TestGrowth(t *testing.T) {
	t.Parallel()
	r := runTest(t, growthScenario(), func(o *Options) {
		o.Duration, o.Every, o.Rate, o.Sessions, o.Connections = time.Second, 100*time.Millisecond, 100, 50, 4
	}, "growth.svg")
	wantGood(t, r)
	if len(r.Measurements) < 2 || len(r.Facts) != 1 || !strings.Contains(r.Facts[0], " refreshes/s reached (p50") {
		t.Errorf("%d samples, facts %q; want some, and the rate", len(r.Measurements), r.Facts)
	}
}

func TestJudge_Growth(t *testing.T) {
	good := load.Result{Counts: load.Counts{Good: 1000}, Seconds: 1}
	slow, late, tail, expired := good, good, good, good
	slow.Good, late.Seconds, tail.Seconds, expired.Expired = 979, 2.1, 2, 1
	for name, test := range map[string]struct {
		load  load.Result
		files []float64
		want  string
	}{
		"good":         {good, []float64{10, 30, 30, 30}, ""},
		"too large":    {good, []float64{10, 31, 31, 31}, "3.10 times its size"},
		"not flat":     {good, []float64{10, 10, 10, 12}, "the file grew: at most 10 MiB"},
		"too slow":     {slow, []float64{10, 10}, "reached only 979 refreshes/s"},
		"late":         {late, []float64{10, 10}, "reached only 909 refreshes/s"},
		"late tail":    {tail, []float64{10, 10}, ""},
		"some expired": {expired, []float64{10, 10}, "1 expired"},
	} {
		b := &Bench{Options: &Options{Rate: 1000, Duration: time.Second}, Report: &report.Report{}}
		for _, size := range test.files {
			b.Report.Measurements = append(b.Report.Measurements, report.Measurement{Measure: measureGrowth, Figures: report.Figures{report.File: size * report.MiB}})
		}
		b.judgeGrowth(test.load, 10*report.MiB, 0)
		checkBad(t, name, b.Report, test.want)
	}
}
