package main

import (
	"strings"
	"testing"
	"time"
)

// The whole way with the real product, its console and its stream.
func TestRunConsole(t *testing.T) {
	t.Parallel()
	opt := defaultConsoleOptions()
	opt.sessions, opt.visited, opt.rounds, opt.connections = 300, 50, 2, 4
	opt.window, opt.dashboards, opt.noFloors = 300*time.Millisecond, 2, true
	rep, err := runConsole(t.Context(), opt, testTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	if bad := rep.complaints(); len(bad) > 0 || len(rep.Windows) != 9 {
		t.Errorf("%d windows, complaints = %q; want 9 and none", len(rep.Windows), bad)
	}
	for i, w := range rep.Windows {
		if w.Rate <= 0 || w.State != consoleTurn[i%4] || (w.State == consoleList) != (w.ListMS > 0) {
			t.Errorf("window %d = %+v; want visitors in each, and a page of the list in its own", i, w)
		}
	}
	rep.print(t.Output())
	checkDrawn(t, rep, "console.svg")
}

// A wrong password opens no console, and nobody is measured beside nobody.
func TestLogIn_Refused(t *testing.T) {
	t.Parallel()
	tr := testTrial(t)
	if _, err := enrol(t.Context(), tr.workshop, tr.dir); err != nil {
		t.Fatal(err)
	}
	srv, err := startProduct(t.Context(), tr.workshop, tr.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.stop()
	if _, err := logIn(t.Context(), srv.url, "wrong"); err == nil || !strings.Contains(err.Error(), "without a session") {
		t.Errorf("logIn = %v; want that there is no session", err)
	}
	stranger := &operator{url: srv.url, cookie: "adminid=" + strangers(1)[0], http: httpWithoutRedirects()}
	if _, err := stranger.list(t.Context()); err == nil {
		t.Error("list = nil; want an error for who is not logged in")
	}
	if err := stranger.watch(t.Context(), t.Context()); err == nil {
		t.Error("watch = nil; want an error for who is not logged in")
	}
}

// consoleReportOf has a window of each kind between some alone, at those rates.
func consoleReportOf(list, dashboard float64) consoleReport {
	r := consoleReport{Load: result{Good: 1}, Windows: []consoleWindow{
		{State: consoleAlone, Rate: 100, CPUMicros: 10}, {State: consoleList, Rate: list, CPUMicros: 11},
		{State: consoleAlone, Rate: 100, CPUMicros: 10}, {State: consoleDashboard, Rate: dashboard, CPUMicros: 10},
		{State: consoleAlone, Rate: 100, CPUMicros: 10},
	}}
	r.summarize()
	return r
}

func TestConsoleReport_Complaints(t *testing.T) {
	for name, test := range map[string]struct {
		list, dashboard float64
		change          func(*consoleReport)
		want            string
	}{
		"good":           {96, 99, nil, ""},
		"dear list":      {94, 99, nil, "a page of the list: visitors have 0.940 times the rate, floor 0.95"},
		"dear dashboard": {96, 97, nil, "dashboards opened: visitors have 0.970 times the rate, floor 0.98"},
		"no floors":      {50, 50, func(r *consoleReport) { r.NoFloors = true }, ""},
		"expired":        {96, 99, func(r *consoleReport) { r.Load.Expired = 1 }, "1 good, 0 errors, 1 expired"},
		"stalled":        {0, 99, nil, "a page of the list: visitors have 0.000 times the rate"},
		"not measured":   {96, 99, func(r *consoleReport) { r.Windows = r.Windows[2:]; r.summarize() }, "a page of the list: what it costs was not measured"},
	} {
		r := consoleReportOf(test.list, test.dashboard)
		if test.change != nil {
			test.change(&r)
		}
		checkComplaints(t, name, r, test.want)
	}
}

// A window is compared with the two around it, for machines change their pace.
func TestConsoleReport_Neighbours(t *testing.T) {
	r := consoleReportOf(120, 99)
	r.Windows[2].Rate = 200
	r.summarize()
	if got := r.States[1].Speed; got == nil || got.Median != 0.8 {
		t.Errorf("rate by alone = %+v; want 120 by the mean of 100 and 200", got)
	}
	if got := r.States[1].Cost; got == nil || got.Median != 1.1 {
		t.Errorf("CPU by alone = %+v; want 1.1", got)
	}
	if got := r.States[0]; got.Speed != nil || got.Rate == nil || got.Rate.Median != 100 {
		t.Errorf("alone = %+v; want its rate, and nothing to compare with", got)
	}
}
