package scenario

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// This runs the whole scenario with the real product, its console and its stream.
func TestConsole(t *testing.T) {
	t.Parallel()
	r := runTest(t, consoleScenario(), func(o *Options) {
		o.Sessions, o.Visited, o.Rounds, o.Connections = 300, 50, 2, 4
		o.Window, o.Dashboards, o.NoFloors = 300*time.Millisecond, 2, true
	}, "console.svg")
	wantGood(t, r)
	if len(r.Measurements) != 9 {
		t.Errorf("%d windows; want 9", len(r.Measurements))
	}
	for i, w := range r.Measurements {
		if w.Figures[report.Rate] <= 0 || w.Subject != consoleTurn()[i%4] || (w.Subject == consoleList) != (w.Figures[listMS] > 0) {
			t.Errorf("window %d = %+v; want visitors in each, and a page of the list in its own", i, w)
		}
	}
}

// A wrong password is an error before anything is measured.
func TestSignIn_Refused(t *testing.T) {
	t.Parallel()
	b := testBench(t, consoleScenario(), Options{})
	if _, err := createOperator(t.Context(), b.Workshop, b.dir); err != nil {
		t.Fatal(err)
	}
	srv, err := peer.StartProduct(t.Context(), b.Workshop, b.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Stop()
	if _, err := signIn(t.Context(), srv.URL, "wrong"); err == nil || !strings.Contains(err.Error(), "without a session") {
		t.Errorf("signIn = %v; want that there is no session", err)
	}
	stranger := &operator{url: srv.URL, http: http.DefaultClient}
	if _, err := stranger.list(t.Context()); err == nil {
		t.Error("list = nil; want an error for a client that is not signed in")
	}
	if err := stranger.watch(t.Context(), t.Context()); err == nil {
		t.Error("watch = nil; want an error for a client that is not signed in")
	}
}

// consoleOf returns a run with a window of each kind, at those rates, between windows
// without an operator.
func consoleOf(list, dashboard float64) *consoleRun {
	o := consoleScenario().options()
	b := &Bench{Options: &o, scenario: consoleScenario()}
	b.Report = b.newReport(report.Machine{FsyncMS: 1})
	r := &consoleRun{Bench: b}
	for i, w := range [][2]float64{{100, 10}, {list, 11}, {100, 10}, {dashboard, 10}, {100, 10}} {
		r.Report.Measurements = append(r.Report.Measurements, report.Measurement{
			Measure: measureConsole, Subject: consoleTurn()[i%4], Round: 1, Figures: report.Figures{report.Rate: w[0], report.CPU: w[1]},
		})
	}
	return r
}

func TestJudge_Console(t *testing.T) {
	for name, test := range map[string]struct {
		list, dashboard float64
		change          func(*consoleRun)
		want            string
	}{
		"good":           {96, 99, nil, ""},
		"slow list":      {94, 99, nil, "console against a page of the list: 0.94 times, MISSED at least 0.95"},
		"slow dashboard": {96, 97, nil, "console against dashboards opened: 0.97 times, MISSED at least 0.98"},
		"stalled":        {0, 99, nil, "a page of the list: 0 times"},
		"not measured":   {96, 99, func(r *consoleRun) { r.Report.Measurements = r.Report.Measurements[2:] }, "a page of the list: no window was measured"},
	} {
		r := consoleOf(test.list, test.dashboard)
		if test.change != nil {
			test.change(r)
		}
		r.judge()
		checkBad(t, name, r.Report, test.want)
	}
}

// A window is compared with the two around it, because a machine's pace changes.
func TestJudge_ConsoleNeighbours(t *testing.T) {
	r := consoleOf(120, 99)
	r.Report.Measurements[2].Figures[report.Rate] = 200
	r.judge()
	list, _ := r.Report.Find(measureConsole, consoleList)
	alone, _ := r.Report.Find(measureConsole, consoleAlone)
	if list.Median(rateByAlone) != 0.8 || list.Median(cpuByAlone) != 1.1 {
		t.Errorf("list = %+v; want 120 divided by the mean of 100 and 200, and 1.1 times the processor time", list.Spreads)
	}
	if _, compared := alone.Spreads[rateByAlone]; compared || alone.Median(report.Rate) != 100 {
		t.Errorf("alone = %+v; want its rate, and nothing to compare with", alone.Spreads)
	}
}
