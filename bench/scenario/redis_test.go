package scenario

import (
	"strings"
	"testing"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// needRedis skips the test where a peer on Redis cannot run.
func needRedis(t *testing.T) {
	t.Helper()
	for _, p := range peer.OnRedis() {
		if err := p.Prepare(t.Context()); err != nil {
			t.Skipf("peer %s is not tested: %v", p.Name, err)
		}
	}
}

// This runs the whole scenario with a real Redis and the real peers.
func TestRedis(t *testing.T) {
	t.Parallel()
	needRedis(t)
	rep := runTest(t, redisScenario(), func(o *Options) {
		o.Client, o.Duration, o.Rounds, o.Sessions, o.Connections = "own", 200*time.Millisecond, 1, 5000, 8
		o.Failover = false // TestFailover has it
	})
	wantGood(t, rep)
	var got []string
	for _, s := range rep.Summaries {
		got = append(got, s.Measure+" "+s.Subject)
		if !s.Flawless() || s.Median(report.Rate) == 0 || s.Median(report.P99) == 0 || s.Median(report.Size) < 1500 {
			t.Errorf("summary = %+v; want good answers only, and every figure", s)
		}
		if s.Median(allCPU) < s.Median(report.CPU) || s.Median(allCPU) > 1e5 {
			t.Errorf("%s: processor time %v and with Redis's %v", s.Subject, s.Median(report.CPU), s.Median(allCPU))
		}
	}
	if want := "everysec ours, everysec packages, everysec fiber, everysec scs, always ours, always packages, always fiber, always scs"; strings.Join(got, ", ") != want {
		t.Errorf("summaries %q; want %q", got, want)
	}
}

// judgedOnRedis returns the report of a run of redis-quick, or of redis, with these rates
// and processor times of ours and of Fiber's session.
func judgedOnRedis(s Scenario, own, fiber report.Figures, counts load.Counts) *report.Report {
	o := s.options()
	b := &Bench{Options: &o, scenario: s, Report: &report.Report{Machine: report.Machine{FsyncMS: 1}}}
	r := &redisRun{Bench: b}
	for subject, figures := range map[string]report.Figures{peer.Product: own, "fiber": fiber} {
		r.measured = append(r.measured, report.Measurement{Measure: everySecond, Subject: subject, Round: 1, Figures: figures, Counts: counts})
	}
	r.judge()
	return r.Report
}

func TestJudge_Redis(t *testing.T) {
	good, fiber := load.Counts{Good: 1}, report.Figures{report.Rate: 1000, allCPU: 100}
	for name, test := range map[string]struct {
		scenario  Scenario
		rate, cpu float64
		counts    load.Counts
		want      string
	}{
		"good":       {redisScenario(), 2000, 40, good, ""},
		"slow":       {redisScenario(), 1990, 40, good, "refresh on Redis against fiber: 1.99 times, MISSED at least 2"},
		"dear":       {redisScenario(), 2000, 40.1, good, "CPU of a refresh on Redis against fiber: 0.401 times, MISSED at most 0.4"},
		"quick":      {redisQuickScenario(), 1200, 75, good, ""},
		"quick slow": {redisQuickScenario(), 1190, 75, good, "MISSED at least 1.2"},
		"quick dear": {redisQuickScenario(), 1200, 76, good, "MISSED at most 0.75"},
		"wrong":      {redisScenario(), 2000, 40, load.Counts{Good: 1, Wrong: 1}, "ours: 1 good, 0 errors, 0 expired, 1 wrong"},
	} {
		checkBad(t, name, judgedOnRedis(test.scenario, report.Figures{report.Rate: test.rate, allCPU: test.cpu}, fiber, test.counts), test.want)
	}
}

// Where ids come again within a second, the floors are not judged.
func TestJudge_RedisTooFewSessions(t *testing.T) {
	r := judgedOnRedis(redisScenario(), report.Figures{report.Rate: 60_001, allCPU: 1}, report.Figures{report.Rate: 60_000, allCPU: 1}, load.Counts{Good: 1})
	checkBad(t, "too few sessions", r, "")
	if len(r.Notes) == 0 || !strings.Contains(r.Notes[len(r.Notes)-1], "choose more -sessions") {
		t.Errorf("notes = %q; want one on the number of sessions", r.Notes)
	}
}
