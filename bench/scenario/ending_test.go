package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/bench/load"
	"pagesession/bench/report"
)

// This runs the whole scenario with the real product and its console. So many sessions need
// typed words.
func TestEnding(t *testing.T) {
	t.Parallel()
	r := runTest(t, endingScenario(), func(o *Options) {
		o.Sessions, o.Visited, o.Rounds, o.Rate, o.Connections = 10_500, 50, 2, 100, 4
		o.Duration, o.NoFloors = 300*time.Millisecond, true
	})
	wantGood(t, r)
	for _, phase := range []string{endingBefore, endingDuring, endingAfter} {
		s, ok := r.Find(measureEnding, phase)
		if !ok || s.Rounds != 2 || s.Counts.Good == 0 || s.Median(report.MaxMS) <= 0 || (s.Median(endsPerSecond) > 0) != (phase == endingDuring) {
			t.Errorf("%s = %+v; want visits in two rounds, and ends in one phase", phase, s)
		}
	}
	if s, _ := r.Find(measureEnding, endingDuring); s.Spreads[addedP999].N != 2 || s.Median(endingSeconds) <= 0 {
		t.Errorf("figures %+v; want both rounds compared", s.Spreads)
	}
}

// Those who stay are exactly as many as asked for, and spread.
func TestStays(t *testing.T) {
	for _, o := range []Options{{Sessions: 10, Visited: 10}, {Sessions: 1000, Visited: 7}, {Sessions: 5, Visited: 1}} {
		stay, half := 0, 0
		for i := range o.planted() {
			if o.stays(i) {
				if stay++; i < o.planted()/2 {
					half++
				}
			}
		}
		if stay != o.Visited || half != o.Visited/2 {
			t.Errorf("of %d and %d, %d stay, %d of them in the first half", o.Sessions, o.Visited, stay, half)
		}
	}
}

func TestReadEndForm(t *testing.T) {
	const hidden = `<input type="hidden" name="found" value="12000"><input type="hidden" name="at" value="17">`
	for page, want := range map[string]string{
		hidden:                          "at=17&found=12000",
		hidden + `<kbd>END 12000</kbd>`: "at=17&found=12000&words=END+12000",
	} {
		if fields, found, err := readEndForm(page); err != nil || found != 12_000 || fields.Encode() != want {
			t.Errorf("readEndForm(%q) = %q, %d, %v; want %q", page, fields.Encode(), found, err, want)
		}
	}
	for _, page := range []string{"", "No live session matches any more.", strings.ReplaceAll(hidden, "at", "to")} {
		if _, _, err := readEndForm(page); err == nil {
			t.Errorf("readEndForm(%q) = nil; want an error", page)
		}
	}
}

// What the console refuses or does not know is an error, with how far it came.
func TestEndAll_Refused(t *testing.T) {
	accept := func(c *fasthttp.RequestCtx) { c.Response.Header.Set("Location", endingPath); c.SetStatusCode(303) }
	refuse := func(c *fasthttp.RequestCtx) { c.SetStatusCode(422) }
	for name, test := range map[string]struct {
		post fasthttp.RequestHandler
		say  []string // the states, one after the other; the last one stays
		want string
	}{
		"done":     {accept, []string{`{"id":"m","runs":true,"ended":3}`, `{"id":"m","ended":7}`}, ""},
		"refused":  {refuse, []string{""}, "answered 422"},
		"not sent": {accept, []string{`{"id":""}`}, "0 sessions have ended: the console knows of no end"},
		"garbage":  {accept, []string{`{"id":"m","runs":true,"ended":3}`, "<p>"}, "3 sessions have ended: "},
	} {
		said := 0
		url := serve(t, func(c *fasthttp.RequestCtx) {
			if c.IsPost() {
				test.post(c)
				return
			}
			c.SetBodyString(test.say[min(said, len(test.say)-1)])
			said++
		})
		o := newOperator(url)
		ended, err := o.endAll(t.Context(), endForm{action: matchingPath})
		if test.want == "" && (err != nil || ended != 7) || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: endAll = %d, %v; want %q", name, ended, err, test.want)
		}
	}
}

func TestOperator_Live(t *testing.T) {
	for page, want := range map[string]int{"<p>1\u202f005\u202f000 live sessions</p>": 1_005_000, "<p>1 live session</p>": 1, "<h2>No sessions</h2>": 0, "<p>": -1} {
		o := newOperator(serve(t, func(c *fasthttp.RequestCtx) { c.SetBodyString(page) }))
		if live, err := o.live(t.Context()); err != nil && want >= 0 || err == nil && live != want {
			t.Errorf("live of %q = %d, %v; want %d", page, live, err, want)
		}
	}
}

const allEnded = "<p>All that matched have ended. Sessions that began later stay.</p>"

func TestBlame_Ending(t *testing.T) {
	for name, test := range map[string]struct {
		page          string
		live, revived int
		gone          []string
		want          string
	}{
		"good":      {allEnded, 5, 0, []string{"a", "b"}, ""},
		"stopped":   {"An operator stopped it.", 5, 0, []string{"a", "b"}, "round 1: the console does not say"},
		"too many":  {allEnded, 6, 0, []string{"a", "b"}, "round 1: 6 sessions are live afterwards; want the visitors' 5"},
		"revived":   {allEnded, 5, 1, []string{"a", "b"}, "round 1: 1 of 2 ended sessions"},
		"not asked": {allEnded, 5, 0, nil, "no ended session was asked for"},
	} {
		r := endingRun{Bench: &Bench{Options: &Options{Visited: 5}, Report: &report.Report{}}, round: 1, live: test.live, gone: test.gone}
		r.blame(test.page, test.revived)
		checkBad(t, name, r.Report, test.want)
	}
}

// The limit is for the median of the rounds, each compared with its own quiet phases.
func TestJudge_Ending(t *testing.T) {
	for name, test := range map[string]struct {
		during   []float64 // p99.9 of each round; before it is 2 ms, after it 4 ms
		noFloors bool
		want     string
	}{
		"good":         {[]float64{3, 53, 53}, false, ""},
		"one slow":     {[]float64{3, 3, 500}, false, ""},
		"slow":         {[]float64{3, 60, 60}, false, "the p99.9 of visitors is 57.0 ms longer; want at most 50 ms"},
		"not judged":   {[]float64{60}, true, ""},
		"not measured": {nil, false, "no round has visits"},
	} {
		b := &Bench{Options: &Options{NoFloors: test.noFloors}, Report: &report.Report{}}
		for i, p999 := range test.during {
			during := report.Figures{report.P999: p999}
			compareEnding(report.Figures{report.P999: 2}, during, report.Figures{report.P999: 4})
			b.Report.Measurements = append(b.Report.Measurements, report.Measurement{Measure: measureEnding, Subject: endingDuring, Round: i + 1, Figures: during})
		}
		b.judgeEnding()
		checkBad(t, name, b.Report, test.want)
		if len(b.Report.Facts) != min(1, len(test.during)) {
			t.Errorf("%s: facts %q; want the figure where there is one, judged or not", name, b.Report.Facts)
		}
	}
	during := report.Figures{report.P999: 9}
	if compareEnding(report.Figures{}, during, report.Figures{report.P999: 4}); len(during) != 1 {
		t.Errorf("figures %v; want no comparison without a phase before", during)
	}
}

// A machine without the memory is told before anything is written.
func TestEnding_DoesNotFit(t *testing.T) {
	b := &Bench{Options: &Options{Sessions: 2_000_000_000, Visited: 1}, dir: t.TempDir()}
	if err := runEnding(t.Context(), b); err == nil || !strings.Contains(err.Error(), "choose fewer -sessions") {
		t.Errorf("runEnding = %v; want that it does not fit", err)
	}
	checkEmpty(t, b.dir)
}

// A visit that meets no live session is a failed check.
func TestEndingRun_TookExpired(t *testing.T) {
	r := endingRun{Bench: &Bench{Options: &Options{Rounds: 1}, Report: &report.Report{}, progress: t.Output()}, round: 1}
	r.took(endingDuring, load.Result{Counts: load.Counts{Good: 9, Expired: 1}, Seconds: 1})
	checkBad(t, "expired", r.Report, "round 1, while they end: 9 good, 0 errors, 1 expired")
}
