package main

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestExpectation_Judge(t *testing.T) {
	session := expectation{marker: liveMarker, cookie: true}
	page := expectation{marker: liveMarker}
	for name, test := range map[string]struct {
		expect expectation
		status int
		body   string
		cookie string
		want   verdict
	}{
		"good":                     {session, 200, "<p>Your name from the session: Sonam", "sessionid=abc; Path=/", answerGood},
		"good, no cookie due":      {page, 200, "<p>Your name from the session: Sonam", "", answerGood},
		"the cookie is missing":    {session, 200, "<p>Your name from the session: Sonam", "", answerWrong},
		"the cookie is another's":  {session, 200, "<p>Your name from the session: Sonam", "sessionid=xyz", answerWrong},
		"the original's lost page": {session, 200, "Your session has Expired...", "", answerExpired},
		"our ended page":           {session, 200, "<h1>Your session has ended</h1>", "", answerExpired},
		"our page without one":     {session, 200, "<h1>No session</h1>", "", answerExpired},
		"another page":             {session, 200, "<h1>Welcome to nginx</h1>", "", answerWrong},
		"empty":                    {session, 200, "", "", answerWrong},
		"error with the marker":    {session, 500, "Your name from the session", "sessionid=abc", answerWrong},
		"unavailable":              {session, 503, "", "", answerWrong},
	} {
		got := test.expect.judge(test.status, []byte(test.body), []byte(test.cookie), []byte("sessionid=abc"))
		if got != test.want {
			t.Errorf("%s: judge = %v; want %v", name, got, test.want)
		}
	}
}

// The script is used by hand as well, so it has its own copies.
func TestScript_KnowsTheSameSentences(t *testing.T) {
	for _, text := range append(expiredMarkers[:], liveMarker, cookieName+"=") {
		if !strings.Contains(refreshScript, `"`+text) {
			t.Errorf("wrk/refresh.lua does not know %q", text)
		}
	}
}

const wrkOutput = `Running 1s test @ http://127.0.0.1:1/get/
  1 threads and 8 connections
pagesession good=100 expired=0 wrong=0 connect=1 read=2 write=3 timeout=4 duration_us=2000000 p50_us=1500 p90_us=2500 p99_us=3500 p999_us=4500 max_us=5500
`

func TestParseWrk(t *testing.T) {
	times := &latency{P50: 1.5, P90: 2.5, P99: 3.5, P999: 4.5, Max: 5.5}
	for name, test := range map[string]struct {
		out  string
		want result
	}{
		"good":         {wrkOutput, result{Good: 100, Errors: 10, Seconds: 2, Latency: times}},
		"some expired": {strings.Replace(wrkOutput, "expired=0", "expired=7", 1), result{Good: 100, Expired: 7, Errors: 10, Seconds: 2}},
		"some wrong":   {strings.Replace(wrkOutput, "wrong=0", "wrong=8", 1), result{Good: 100, Wrong: 8, Errors: 10, Seconds: 2}},
		"none good":    {strings.Replace(wrkOutput, "good=100", "good=0", 1), result{Errors: 10, Seconds: 2}},
		"more values":  {strings.Replace(wrkOutput, "max_us", "new=1 max_us", 1), result{Good: 100, Errors: 10, Seconds: 2, Latency: times}},
	} {
		if got, err := parseWrk(test.out); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: parseWrk = %+v, %v; want %+v", name, got, err, test.want)
		}
	}
}

func TestParseWrk_Errors(t *testing.T) {
	for name, test := range map[string]struct{ out, want string }{
		"empty":         {"", "no result"},
		"refused":       {"unable to connect to 127.0.0.1:1 Connection refused\n", "no result"},
		"value missing": {strings.Replace(wrkOutput, "p99_us=3500", "", 1), `no "p99_us"`},
		"not a number":  {strings.Replace(wrkOutput, "p99_us=3500", "p99_us=nan", 1), "p99_us=nan"},
	} {
		if _, err := parseWrk(test.out); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: parseWrk error = %v; want %q in it", name, err, test.want)
		}
	}
}

func rated(measure, peer string, rate float64) summary {
	s := summary{Measure: measure, Peer: peer, Good: 1}
	if rate > 0 {
		s.Rate = &spread{Median: rate, Min: rate, Max: rate}
	}
	return s
}

func withCPU(s summary, us float64) summary {
	s.CPU = &spread{Median: us, Min: us, Max: us}
	return s
}

func TestCompare(t *testing.T) {
	table := []floor{{measure: refresh, peer: "memory", limit: 2}, {measure: refresh, peer: "stock", limit: 10}, {measure: cpuMeasure, peer: "page", atMost: true, limit: 0.75}}
	for name, test := range map[string]struct {
		summaries []summary
		want      []comparison
	}{
		"reached": {
			[]summary{rated(refresh, ours, 100), rated(refresh, "memory", 50), rated(refresh, "page", 200)},
			[]comparison{{Measure: refresh, Peer: "memory", Ratio: 2, Floor: "at least 2"}, {Measure: refresh, Peer: "page", Ratio: 0.5}},
		},
		"missed": {
			[]summary{rated(refresh, ours, 100), rated(refresh, "stock", 20)},
			[]comparison{{Measure: refresh, Peer: "stock", Ratio: 5, Floor: "at least 10", Missed: true}},
		},
		"another measure has other floors": {
			[]summary{rated(create, ours, 100), rated(create, "stock", 20)},
			[]comparison{{Measure: create, Peer: "stock", Ratio: 5}},
		},
		"processor time is a ceiling": {
			[]summary{withCPU(rated(refresh, ours, 100), 30), withCPU(rated(refresh, "page", 50), 20)},
			[]comparison{{Measure: refresh, Peer: "page", Ratio: 2}, {Measure: cpuMeasure, Peer: "page", Ratio: 1.5, Floor: "at most 0.75", Missed: true}},
		},
		"measures are not mixed": {[]summary{rated(refresh, ours, 100), rated(create, "stock", 20)}, nil},
		"the peer gave nothing":  {[]summary{rated(refresh, ours, 100), rated(refresh, "stock", 0)}, nil},
		"ours gave nothing":      {[]summary{rated(refresh, ours, 0), rated(refresh, "stock", 1)}, nil},
		"ours did not run":       {[]summary{rated(refresh, "memory", 100)}, nil},
	} {
		if got := compare(test.summaries, table); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: compare = %+v; want %+v", name, got, test.want)
		}
	}
}

func TestFloors_NameWhatIsMeasured(t *testing.T) {
	for _, f := range floorsOf(false, refresh, create) {
		if len(choosePeers([]string{f.peer})) != 1 || f.generous <= 0 || f.generous >= f.limit {
			t.Errorf("floor %+v can never be judged, or not generously", f)
		}
	}
}

// The documented floors, held against the table.
func TestFloors_AreTheDocumentedOnes(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range floorsOf(false, refresh, create, cpuMeasure, openMeasure, scaleMeasure, consoleMeasure) {
		line := fmt.Sprintf("| %s | %s | %s |", f.measure, f.peer, f.bound())
		if !strings.Contains(string(readme), line) {
			t.Errorf("README.md has no floor %q", line)
		}
	}
}

func TestFloorsOf(t *testing.T) {
	for _, f := range floorsOf(true, refresh, create, cpuMeasure, openMeasure) {
		if f.measure == openMeasure || f.limit != f.generous {
			t.Errorf("generous floor %+v", f)
		}
	}
	if got := floorsOf(false, cpuMeasure); len(got) != 0 {
		t.Errorf("floors of processor time = %+v; want none but the generous", got)
	}
	if got := floorsOf(false, openMeasure); len(got) != 1 || got[0].bound() != "at most 1.25" {
		t.Errorf("floors of the open loop = %+v; want p99 at most 1.25 times", got)
	}
}

func TestFloor_MissedBy(t *testing.T) {
	least, most := floor{limit: 2}, floor{limit: 1.25, atMost: true}
	for _, test := range []struct {
		floor floor
		ratio float64
		want  bool
	}{{least, 1.99, true}, {least, 2, false}, {most, 1.25, false}, {most, 1.26, true}, {most, 0.1, false}} {
		if got := test.floor.missedBy(test.ratio); got != test.want {
			t.Errorf("%+v missed by %v = %v; want %v", test.floor, test.ratio, got, test.want)
		}
	}
}

func TestReport_Failed(t *testing.T) {
	missed := []comparison{{Measure: refresh, Peer: "memory", Ratio: 1, Floor: "at least 2", Missed: true}}
	expired, crashed := rated(refresh, ours, 100), rated(refresh, ours, 100)
	expired.Expired, crashed.Crashes = 1, []crash{{After: 5}}
	lame := rated(refresh, "stock", 100)
	lame.Wrong, lame.Crashes = 3, []crash{{After: 5}}
	for name, test := range map[string]struct {
		report   report
		noFloors bool
		want     bool
	}{
		"all well":                    {report{Summaries: []summary{rated(refresh, ours, 1)}}, false, false},
		"a floor is missed":           {report{Comparisons: missed}, false, true},
		"missed, but only reported":   {report{Comparisons: missed}, true, false},
		"the idle session lived on":   {report{Idle: &idleResult{Bad: "still live"}}, true, true},
		"the idle session ended":      {report{Idle: &idleResult{LiveAt: 19.9, GoneAt: 20}}, false, false},
		"ours expired":                {report{Summaries: []summary{expired}}, true, true},
		"ours crashed":                {report{Summaries: []summary{crashed}}, true, true},
		"ours gave no good answer":    {report{Summaries: []summary{{Peer: ours}}}, true, true},
		"a peer's faults are its own": {report{Summaries: []summary{lame}}, false, false},
	} {
		if got := test.report.failed(test.noFloors); got != test.want {
			t.Errorf("%s: failed = %v; want %v", name, got, test.want)
		}
	}
}

func TestReport_Verdict(t *testing.T) {
	reached := comparison{Measure: refresh, Peer: "memory", Ratio: 3, Floor: "at least 2"}
	table := []floor{{measure: refresh, peer: "memory", limit: 2}, {measure: refresh, peer: "stock", limit: 10}}
	missed := comparison{Measure: refresh, Peer: "stock", Ratio: 5, Floor: "at least 10", Missed: true}
	for name, test := range map[string]struct {
		comparisons []comparison
		want        string
	}{
		"nothing ran": {nil, "not judged: refresh at least 2 times memory\nnot judged: refresh at least 10 times stock\n"},
		"one reached": {[]comparison{reached}, "not judged: refresh at least 10 times stock\nGOOD: every answer of ours was right, 1 of 2 floors were judged"},
		"one missed":  {[]comparison{reached, missed}, "BAD: refresh against stock: 5.00 times, MISSED at least 10\n"},
	} {
		var out strings.Builder
		report{Comparisons: test.comparisons, floors: table}.printVerdict(&out)
		if !strings.HasPrefix(out.String(), test.want) {
			t.Errorf("%s: verdict = %q; want %q", name, out.String(), test.want)
		}
	}
}

// Memory that looks like a disk proves nothing about one.
func TestDescribe_NoDiskNoFloor(t *testing.T) {
	floors := []floor{{measure: create, peer: "stock", limit: 10}, {measure: refresh, peer: "memory", limit: 2}}
	sums := []summary{rated(create, ours, 1), rated(create, "stock", 1), rated(refresh, ours, 1), rated(refresh, "memory", 1)}
	r := report{Summaries: sums, floors: floors, Comparisons: compare(sums, floors)}
	for fsync, want := range map[float64]bool{0.001: false, 0.1: true} {
		got := r.describe("wrk", machine{FsyncMS: fsync})
		if got.missed(create) != want || !got.missed(refresh) {
			t.Errorf("with an fsync of %g ms creations miss %v, refreshes %v; want %v, true", fsync, got.missed(create), got.missed(refresh), want)
		}
	}
}
