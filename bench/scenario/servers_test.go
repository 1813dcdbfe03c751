package scenario

import (
	"os"
	"strings"
	"testing"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/report"
	"pagesession/deploy/onemachine"
)

// needMachine skips the test where a program is missing. CI has all of them.
func needMachine(t *testing.T) {
	t.Helper()
	err := onemachine.Installed()
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
}

// This runs the whole scenario with real servers. Processor time is counted in steps of 10 ms,
// so a window has 200 requests for each server: with 40 a server's time was sometimes none.
func TestServers(t *testing.T) {
	t.Parallel()
	needMachine(t)
	rep := runTest(t, serversScenario(), func(o *Options) {
		o.Client, o.Duration, o.Rounds, o.Sessions, o.Connections, o.Rate, o.NoFloors = "own", time.Second, 1, 900, 4, 200, true
	})
	if len(rep.Bad) > 0 || len(rep.Summaries) != 7 || len(rep.Comparisons) != 2 {
		t.Errorf("bad %q, %d summaries, comparisons %v; want none, 7 and 2", rep.Bad, len(rep.Summaries), rep.Comparisons)
	}
	for _, s := range rep.Summaries {
		if !s.Flawless() || s.Median(report.Rate) == 0 {
			t.Errorf("%s, %s: %s, %.0f a second; want good answers only", s.Measure, s.Subject, s.Counts, s.Median(report.Rate))
		}
	}
}

func TestJudge_Servers(t *testing.T) {
	good := load.Counts{Good: 1}
	for name, test := range map[string]struct {
		each   [mostServers]float64
		rate   float64
		counts load.Counts
		want   string
	}{
		"good":           {[mostServers]float64{110, 110, 100}, 1000, good, ""},
		"one is dear":    {[mostServers]float64{100, 111, 100}, 1000, good, "CPU of a refresh on each of three servers against 1: 1.11 times, MISSED at most 1.1"},
		"not in time":    {[mostServers]float64{100, 200, 100}, 900, good, ""},
		"a wrong answer": {[mostServers]float64{100, 100, 100}, 1000, load.Counts{Good: 1, Wrong: 1}, "1 wrong"},
	} {
		o := serversScenario().options()
		b := &Bench{Options: &o, scenario: serversScenario()}
		b.Report = b.newReport(report.Machine{FsyncMS: 1})
		r := &serversRun{Bench: b, each: map[string]*[mostServers][]float64{"3": {}, apart: {}}}
		for i, us := range test.each {
			r.each["3"][i] = []float64{us}
		}
		for _, subject := range []string{"1", "2", "3", apart} {
			b.Report.Measurements = append(b.Report.Measurements, report.Measurement{Measure: measureEqual, Subject: subject, Round: 1, Counts: test.counts,
				Figures: report.Figures{report.CPU: 100, report.Rate: test.rate, report.Asked: 1000}})
		}
		r.judge()
		bad := strings.Join(b.Report.Bad, "\n")
		for _, c := range b.Report.Comparisons {
			if c.Missed {
				bad += c.String()
			}
		}
		if (bad == "") != (test.want == "") || !strings.Contains(bad, test.want) {
			t.Errorf("%s: bad = %q; want %q", name, bad, test.want)
		}
		if test.rate < 1000 && !strings.Contains(strings.Join(b.Report.Notes, " "), "choose a lower -rate") {
			t.Errorf("%s: notes %q; want one on the rate", name, b.Report.Notes)
		}
	}
}
