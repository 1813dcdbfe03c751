package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func testScaleOptions() scaleOptions {
	opt := defaultScaleOptions()
	opt.client, opt.sizes, opt.rounds, opt.duration = "own", []int{20, 400}, 1, 200*time.Millisecond
	opt.connections, opt.threads = 8, 1
	return opt
}

// The whole way with the real product.
func TestRunScale(t *testing.T) {
	t.Parallel()
	rep, err := runScale(t.Context(), testScaleOptions(), testTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	if bad := rep.complaints(); len(bad) > 0 {
		t.Errorf("complaints = %q; want none", bad)
	}
	for i, s := range rep.Sizes {
		r := rep.Runs[i]
		if s.Rate == nil || s.P99 == nil || s.RSS == nil || s.File == nil || s.Start == nil || s.KillStart == nil || s.Stop == nil {
			t.Errorf("summary = %+v; want every figure", s)
		}
		if r.First.Good != int64(r.Sessions) || r.After.Good != int64(r.Sessions) || (r.Plain != nil) != (r.Sessions == 20) {
			t.Errorf("run = %+v; want each session visited once before and after, the smallest with its plain list", r)
		}
	}
	checkDrawn(t, rep, "scale-rate.svg", "scale-size.svg", "scale-start.svg")
	var text bytes.Buffer
	rep.print(&text)
	for _, want := range []string{"400 sessions are", "bytes/session", "ready after kill -9"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, text.String())
		}
	}
}

// A server that does not have the sessions is found out before it is loaded.
func TestRunScale_SessionsAreNotThere(t *testing.T) {
	tr := testTrial(t)
	tr.workshop = standIn(t)
	opt := testScaleOptions()
	opt.sizes = []int{5}
	if _, err := runScale(t.Context(), opt, tr); err == nil || !strings.Contains(err.Error(), "no good answer") {
		t.Errorf("runScale error = %v; want that the sessions are not there", err)
	}
	checkNobodyIn(t, tr.dir)
}

func TestScalePlan(t *testing.T) {
	opt := scaleOptions{sizes: []int{1, 10, 100, 1000}, rounds: 2}
	if got := fmt.Sprint(scalePlan(opt)); got != "[{1 1} {1 1000} {1 10} {1 100} {2 1000} {2 1} {2 10} {2 100}]" {
		t.Errorf("scalePlan = %v; want the ends together, taking turns", got)
	}
	opt.sizes = []int{7}
	if got := fmt.Sprint(scalePlan(opt)); got != "[{1 7} {2 7}]" {
		t.Errorf("scalePlan = %v; want the one size in each round", got)
	}
}

func TestEqualList(t *testing.T) {
	ids := []string{"a", "b"}
	if got := equalList("own", ids, 5); !slices.Equal(got, []string{"a", "b", "a", "b", "a"}) {
		t.Errorf("equalList = %q; want the ids round and round", got)
	}
	list := equalList("wrk", ids, 5)
	for i, entry := range list {
		if !strings.HasPrefix(entry, ids[i%2]+"; n=") || len(entry) != len(list[0]) {
			t.Errorf("entry %d = %q; want the id, and all as long", i, entry)
		}
	}
	slices.Sort(list)
	if got := len(slices.Compact(list)); got != 5 {
		t.Errorf("%d different entries; want 5", got)
	}
}

// The second cookie that makes wrk's entries different is nothing to the
// product, and the ids are found.
func TestEqualList_ForWrk(t *testing.T) {
	t.Parallel()
	wrk, err := chooseClient("wrk", t.TempDir())
	if err != nil {
		t.Skipf("only where wrk is installed: %v", err)
	}
	tr := testTrial(t)
	srv, err := startProduct(t.Context(), tr.workshop, tr.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.stop()
	c := clientUnderTest{wrk, time.Second}
	res, err := c.run(t.Context(), c.testLoad(srv.url, equalList("wrk", seedTest(t, srv.url, 20), 100)))
	if err != nil || !res.flawless() {
		t.Errorf("run = %+v, %v; want good answers only", res, err)
	}
}

// scaleRunOf is a good run at that rate.
func scaleRunOf(sessions int, rate int64) scaleRun {
	good := result{Good: rate, Seconds: 1}
	return scaleRun{Round: 1, Sessions: sessions, First: good, Load: good, After: good}
}

func TestScaleReport_Complaints(t *testing.T) {
	lost := scaleRunOf(1_000_000, 100)
	lost.After.Expired = 1
	plain := scaleRunOf(1_000, 100)
	plain.Plain = &result{Good: 1, Wrong: 1, Seconds: 1}
	for name, test := range map[string]struct {
		runs     []scaleRun
		noFloors bool
		want     string
	}{
		"good":            {[]scaleRun{scaleRunOf(1_000, 100), scaleRunOf(1_000_000, 91)}, false, ""},
		"too slow":        {[]scaleRun{scaleRunOf(1_000, 100), scaleRunOf(1_000_000, 89)}, false, "0.89 times"},
		"no floors":       {[]scaleRun{scaleRunOf(1_000, 100), scaleRunOf(1_000_000, 89)}, true, ""},
		"lost after kill": {[]scaleRun{scaleRunOf(1_000, 100), lost}, false, "after the kill: 100 good, 0 errors, 1 expired"},
		"plain is wrong":  {[]scaleRun{plain, scaleRunOf(1_000_000, 100)}, false, "plain load: 1 good, 0 errors, 0 expired, 1 wrong"},
	} {
		opt := scaleOptions{sizes: []int{1_000, 1_000_000}, noFloors: test.noFloors}
		checkComplaints(t, name, newScaleReport(heading{}, opt, "own", test.runs), test.want)
	}
}

// checkComplaints wants exactly one complaint, with that in it, or none.
func checkComplaints(t *testing.T, name string, f finding, want string) {
	t.Helper()
	bad := f.complaints()
	if want == "" && len(bad) > 0 || want != "" && (len(bad) != 1 || !strings.Contains(bad[0], want)) {
		t.Errorf("%s: complaints = %q; want %q", name, bad, want)
	}
}

func TestScaleRatio_SmallSizesHaveNoFloor(t *testing.T) {
	opt := scaleOptions{sizes: []int{10, 100}}
	rep := newScaleReport(heading{}, opt, "own", []scaleRun{scaleRunOf(10, 100), scaleRunOf(100, 10)})
	if x := rep.Ratio; x == nil || x.Equal != 0.1 || x.Floor != 0 {
		t.Errorf("ratio = %+v; want 0.1 and no floor", x)
	}
	opt.sizes = []int{10}
	if x := newScaleReport(heading{}, opt, "own", []scaleRun{scaleRunOf(10, 100)}).Ratio; x != nil {
		t.Errorf("ratio of one size = %+v; want none", x)
	}
}
