package scenario

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// short makes the shortest run that measures everything.
func short(only ...string) func(*Options) {
	return func(o *Options) {
		o.Client, o.Only, o.Results = "own", only, NoResults
		o.Duration, o.Rounds, o.Sessions = 200*time.Millisecond, 1, 50
		o.Open, o.IdleCheck = false, false
		o.Connections, o.CreateConnections, o.Threads = 8, 8, 1
	}
}

// This runs the whole scenario with real children. The stock driver is among them and
// may crash.
func TestRefresh(t *testing.T) {
	t.Parallel()
	rep := runTest(t, refreshScenario(), func(o *Options) {
		short("ours", "page", "memory", "stock")(o)
		o.Open = true
	}, "refresh.svg", "create.svg")
	wantGood(t, rep)
	want := "refresh ours, refresh page, refresh memory, refresh stock, create ours, create stock, open ours, open page"
	var got []string
	for _, s := range rep.Summaries {
		got = append(got, s.Measure+" "+s.Subject)
		if s.Subject != "stock" && (!s.Flawless() || s.Median(report.Rate) == 0 || s.Median(report.P99) == 0 || s.Median(report.Size) < 1500 || s.Median(report.CPU) > 1e5) {
			t.Errorf("summary = %+v; want good answers only, and every figure", s)
		}
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("summaries %q; want %q", got, want)
	}
	if s, _ := rep.Find(measureOpen, "page"); s.Rounds != 2 || s.Median(report.Asked) == 0 {
		t.Errorf("open = %+v; want twice the rounds at a rate", s)
	}
}

// refreshRunOf returns a run with those peers, and a stand-in for the product.
func refreshRunOf(t *testing.T, only ...string) *refreshRun {
	t.Helper()
	o := refreshScenario().options()
	short(only...)(&o)
	r := &refreshRun{Bench: testBench(t, refreshScenario(), o), client: load.Own(), peers: peer.Choose(only)}
	r.Product = r.Self
	return r
}

// A peer that crashes under load is a result.
func TestTake_CrashIsAResult(t *testing.T) {
	t.Setenv("PAGESESSION_BENCH_TEST", "dying")
	r := refreshRunOf(t, "page")
	m := r.measures()[0]
	m.duration = 20 * time.Second // it crashes long before
	got, err := r.take(t.Context(), step{measure: m, peer: r.peers[0], round: 1})
	if err != nil || len(got.Crashes) != 1 {
		t.Fatalf("take = %+v, %v; want a crash", got, err)
	}
	if got.Counts.Good < 1 || got.Counts.Good > 200 || got.Counts.Errors != 0 || got.Crashes[0].Seconds > 10 {
		t.Errorf("take = %+v; want the answers until the crash", got)
	}
	if cause := got.Crashes[0].Cause; cause != "panic: as planned" {
		t.Errorf("cause = %q; want the panic", cause)
	}
	checkEmpty(t, r.dir)
}

// A product whose stop fails is noted.
func TestTake_Product(t *testing.T) {
	for how, want := range map[string]string{"": "", "stop badly": "stopping failed: exit status 3"} {
		t.Setenv("PAGESESSION_BENCH_TEST", how)
		r := refreshRunOf(t, "ours")
		for _, m := range r.measures() {
			got, err := r.take(t.Context(), step{measure: m, peer: r.peers[0], round: 1})
			if err != nil || !got.Counts.Flawless() || got.Note != want {
				t.Errorf("%s %q: take = %+v, %v; want good answers and note %q", m.name, how, got, err, want)
			}
		}
	}
}

// A broken peer is noted, and the others are measured.
func TestTakeAll_BrokenPeer(t *testing.T) {
	r := refreshRunOf(t, "memory", "page")
	r.Page.Get.Parts = []string{"no page"} // so both answers lack the marker
	list, err := r.takeAll(t.Context(), plan(r.measures()[:1], 1), r.take)
	if err != nil || len(list) != 2 || !strings.Contains(list[1].Note, "not measured") {
		t.Errorf("takeAll = %+v, %v; want two notes", list, err)
	}
}

// A measure that missed a floor is repeated, with all its peers, and the report says
// so.
func TestAgain(t *testing.T) {
	r := refreshRunOf(t, "ours", "page")
	real, err := built()
	if err != nil {
		t.Fatal(err)
	}
	r.Product, r.Generous = real, true
	watch, err := r.startWatch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	watch.end(r.Report, false)
	of := func(measure, subject string, good int64) report.Measurement {
		m := report.Measurement{Measure: measure, Subject: subject, Round: 1}
		m.Take(load.Result{Counts: load.Counts{Good: good}, Seconds: 1})
		return m
	}
	r.measured = []report.Measurement{of(measureRefresh, "ours", 10), of(measureRefresh, "page", 1000), of(measureCreate, "ours", 7)}
	r.Report = r.newReport(r.Report.Machine)
	if r.judge(); !r.Report.Failed(false) || r.Report.Failed(true) {
		t.Fatalf("the first report's floors are not missed: %+v", r.Report.Comparisons)
	}
	if err := r.again(t.Context()); err != nil {
		t.Fatal(err)
	}
	product, _ := r.Report.Find(measureRefresh, "ours")
	created, _ := r.Report.Find(measureCreate, "ours")
	if len(r.Report.Measurements) != 3 || product.Counts.Good == 10 || created.Counts.Good != 7 {
		t.Errorf("measurements = %+v; want new refreshes, the creations as they were", r.Report.Measurements)
	}
	if notes := r.Report.Notes; len(notes) == 0 || !strings.Contains(notes[len(notes)-1], "the first time: refresh against page: 0.01 times") {
		t.Errorf("notes = %q; want that the floor was missed the first time", notes)
	}
}

// judged returns the report of some measurements.
func judged(t *testing.T, list ...report.Measurement) *report.Report {
	t.Helper()
	o := refreshScenario().options()
	b := &Bench{Options: &o, scenario: refreshScenario(), Report: &report.Report{Machine: report.Machine{FsyncMS: 1}}}
	r := &refreshRun{Bench: b, measured: list}
	r.judge()
	return r.Report
}

func TestJudge_Refresh(t *testing.T) {
	one := func(measure, subject string, figures report.Figures) report.Measurement {
		return report.Measurement{Measure: measure, Subject: subject, Round: 1, Figures: figures, Counts: load.Counts{Good: 1}}
	}
	expired, crashed := one(measureRefresh, "ours", nil), one(measureRefresh, "ours", nil)
	expired.Counts.Expired, crashed.Crashes = 1, []report.Crash{{After: 5}}
	lame := one(measureRefresh, "stock", nil)
	lame.Counts.Wrong, lame.Crashes = 3, []report.Crash{{After: 5}}
	opened := func(subject string, p99, lag float64) report.Measurement {
		return one(measureOpen, subject, report.Figures{report.P99: p99, report.LagP99: lag})
	}
	for name, test := range map[string]struct {
		list []report.Measurement
		want string
	}{
		"all well":                    {[]report.Measurement{one(measureRefresh, "ours", nil)}, ""},
		"expired":                     {[]report.Measurement{expired}, "1 expired"},
		"crashed":                     {[]report.Measurement{crashed}, "1 crashes"},
		"no good answer":              {[]report.Measurement{{Measure: measureRefresh, Subject: "ours"}}, "0 good"},
		"a peer's faults are its own": {[]report.Measurement{one(measureRefresh, "ours", nil), lame}, ""},
		"expensive against stock": {[]report.Measurement{one(measureRefresh, "ours", report.Figures{report.CPU: 13}), one(measureRefresh, "stock", report.Figures{report.CPU: 100})},
			"refresh CPU against stock: 0.13 times, MISSED at most 0.12"},
		"expensive against constant": {[]report.Measurement{one(measureRefresh, "ours", report.Figures{report.CPU: 17.1}), one(measureRefresh, "constant", report.Figures{report.CPU: 10})},
			"refresh CPU against constant: 1.71 times, MISSED at most 1.7"},
		"slow beside other work": {[]report.Measurement{one(measureRefresh, "ours", report.Figures{report.Rate: 6, report.CPU: 15}), one(measureRefresh, "constant", report.Figures{report.Rate: 10, report.CPU: 10})}, ""},
		"as quick":               {[]report.Measurement{opened("ours", 2, 0.1), opened("page", 2, 0.1)}, ""},
		"slower":                 {[]report.Measurement{opened("ours", 3, 0.1), opened("page", 2, 0.1)}, "open p99 against page: 1.5 times"},
		"late with ours":         {[]report.Measurement{opened("ours", 3, 2.9), opened("page", 2, 0.1)}, ""},
		"late with the other":    {[]report.Measurement{opened("ours", 3, 0.1), opened("page", 2, 1.9)}, ""},
	} {
		r := judged(t, test.list...)
		checkBad(t, name, r, test.want)
		if late := strings.HasPrefix(name, "late"); late != (len(r.Notes) == 1) {
			t.Errorf("%s: notes %q; want one where the client was late", name, r.Notes)
		}
	}
}

func TestOpenNotes_Overrun(t *testing.T) {
	for waited, want := range map[float64]int{10: 0, 10.1: 1} {
		r := judged(t, report.Measurement{Measure: measureOpen, Subject: "page", Round: 1, Figures: report.Figures{report.Waited: waited, report.P99: 1}})
		if len(r.Notes) != want {
			t.Errorf("notes at %g %% = %q; want %d", waited, r.Notes, want)
		}
	}
}

func TestOpenRate(t *testing.T) {
	at := func(measure, subject string, rate float64) report.Measurement {
		return report.Measurement{Measure: measure, Subject: subject, Figures: report.Figures{report.Rate: rate}}
	}
	list := []report.Measurement{
		at(measureRefresh, "ours", 300), at(measureRefresh, "page", 90), at(measureRefresh, "page", 100), at(measureRefresh, "page", 900),
		at(measureRefresh, "memory", 10), at(measureCreate, "ours", 10),
	}
	both := peer.Choose([]string{"ours", "page"})
	for name, test := range map[string]struct {
		chosen float64
		list   []report.Measurement
		want   float64
	}{
		"half of the slower one's median": {0, list, 50},
		"as chosen":                       {123, list, 123},
		"one without answers":             {0, list[:1], 0},
	} {
		if got := openRate(test.chosen, both, test.list); got != test.want {
			t.Errorf("%s: openRate = %g; want %g", name, got, test.want)
		}
	}
}

func TestBetween(t *testing.T) {
	m := report.Measurement{Figures: report.Figures{"ids": 1000, report.Rate: 1000}}
	if got := between(1, m); got != time.Second {
		t.Errorf("between(1) = %v; want 1s", got)
	}
	if got := between(4, m); got != 4*time.Second {
		t.Errorf("between(4) = %v; want 4s", got)
	}
	if got := between(1, report.Measurement{}); got != 0 {
		t.Errorf("between without answers = %v; want 0", got)
	}
}

func TestSessionsOf(t *testing.T) {
	r := &refreshRun{Bench: &Bench{Options: &Options{Sessions: 1000}}}
	for name, want := range map[string]int{"ours": 1000, "django": 200} {
		if got := r.sessionsOf(peer.Choose([]string{name})[0]); got != want {
			t.Errorf("%s is seeded with %d sessions; want %d", name, got, want)
		}
	}
	r.Sessions = 50
	if got := r.sessionsOf(peer.Choose([]string{"django"})[0]); got != 50 {
		t.Errorf("django is seeded with %d sessions; want the 50 that were asked for", got)
	}
}

func TestPlan_InterleavesAndRotates(t *testing.T) {
	r := refreshRunOf(t, "memory", "stock")
	var got []string
	for _, s := range plan(r.measures(), 2) {
		got = append(got, fmt.Sprintf("%d %s %s", s.round, s.measure.name, s.peer.Name))
	}
	want := []string{
		"1 refresh memory", "1 refresh stock", "1 create stock",
		"2 refresh stock", "2 refresh memory", "2 create stock",
	}
	if !slices.Equal(got, want) {
		t.Errorf("plan = %q; want %q", got, want)
	}
}

func TestChoosePeers_LeavesOutWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	o := refreshScenario().options()
	r := &refreshRun{Bench: &Bench{Options: &o}}
	if err := r.choosePeers(t.Context()); err != nil || r.runs("redis") || !r.runs("memory") || !strings.Contains(strings.Join(r.skipped, " "), "redis did not run") {
		t.Errorf("choosePeers = %v, skipped %q; want all but redis and others", err, r.skipped)
	}
	o.Only = []string{"redis"}
	if err := r.choosePeers(t.Context()); err == nil {
		t.Error("choosePeers = nil for redis by name; want that it is missing")
	}
}

// An interrupted bench stops its children and removes its files.
func TestCommand_InterruptLeavesNothing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no process can be interrupted on Windows")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "-only", "memory", "-duration", "30s", "-sessions", "10")
	cmd.Env = append(os.Environ(), "PAGESESSION_BENCH_TEST=main", "TMPDIR="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitForFolder(ctx, t, dir)
	_ = cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err == nil || ctx.Err() != nil {
		t.Errorf("interrupted bench: %v, %v; want exit code 1, at once", err, ctx.Err())
	}
	checkEmpty(t, dir)
	checkNoneIn(t, dir)
}

// waitForFolder waits until a server has its folder. Soon after, the bench has a child
// to stop.
func waitForFolder(ctx context.Context, t *testing.T, dir string) {
	t.Helper()
	for ctx.Err() == nil {
		if found, _ := filepath.Glob(filepath.Join(dir, "*", "memory-*")); len(found) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond) // another process makes it
	}
	t.Error("the bench started no server")
}
