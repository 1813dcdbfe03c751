package load

import (
	"reflect"
	"strings"
	"testing"

	"pagesession/bench/wrk"
)

func TestExpectation_Judge(t *testing.T) {
	session := Expectation{Marker: LiveMarker, Cookie: true}
	page := Expectation{Marker: LiveMarker}
	for name, test := range map[string]struct {
		expect Expectation
		status int
		body   string
		cookie string
		want   Verdict
	}{
		"good":                     {session, 200, "<p>Your name from the session: Sonam", "sessionid=abc; Path=/", Good},
		"good, no cookie needed":   {page, 200, "<p>Your name from the session: Sonam", "", Good},
		"the cookie is missing":    {session, 200, "<p>Your name from the session: Sonam", "", Wrong},
		"the cookie is another's":  {session, 200, "<p>Your name from the session: Sonam", "sessionid=xyz", Wrong},
		"the original's lost page": {session, 200, "Your session has Expired...", "", Expired},
		"our ended page":           {session, 200, "<h1>Your session has ended</h1>", "", Expired},
		"our page of a deletion":   {session, 200, "<title>Session ended</title><h1>Your session was deleted</h1>", "", Expired},
		"our page without one":     {session, 200, "<h1>No session</h1>", "", Expired},
		"another page":             {session, 200, "<h1>Welcome to nginx</h1>", "", Wrong},
		"empty":                    {session, 200, "", "", Wrong},
		"error with the marker":    {session, 500, "Your name from the session", "sessionid=abc", Wrong},
		"unavailable":              {session, 503, "", "", Wrong},
	} {
		got := test.expect.Judge(test.status, []byte(test.body), []byte(test.cookie), []byte("sessionid=abc"))
		if got != test.want {
			t.Errorf("%s: judge = %v; want %v", name, got, test.want)
		}
	}
}

// The script is also for use by hand, so it has copies of the sentences.
func TestScript_KnowsTheSameSentences(t *testing.T) {
	for _, text := range append(expiredMarkers[:], LiveMarker, CookieName+"=") {
		if !strings.Contains(wrk.Script, `"`+text) {
			t.Errorf("wrk/refresh.lua lacks %q", text)
		}
	}
}

const wrkOutput = `Running 1s test @ http://127.0.0.1:1/get/
  1 threads and 8 connections
pagesession good=100 expired=0 wrong=0 connect=1 read=2 write=3 timeout=4 duration_us=2000000 p50_us=1500 p90_us=2500 p99_us=3500 p999_us=4500 max_us=5500
`

func TestParseWrk(t *testing.T) {
	times := &Latency{P50: 1.5, P90: 2.5, P99: 3.5, P999: 4.5, Max: 5.5}
	for name, test := range map[string]struct {
		out  string
		want Result
	}{
		"good":         {wrkOutput, Result{Counts: Counts{Good: 100, Errors: 10}, Seconds: 2, Latency: times}},
		"some expired": {strings.Replace(wrkOutput, "expired=0", "expired=7", 1), Result{Counts: Counts{Good: 100, Expired: 7, Errors: 10}, Seconds: 2}},
		"some wrong":   {strings.Replace(wrkOutput, "wrong=0", "wrong=8", 1), Result{Counts: Counts{Good: 100, Wrong: 8, Errors: 10}, Seconds: 2}},
		"none good":    {strings.Replace(wrkOutput, "good=100", "good=0", 1), Result{Counts: Counts{Errors: 10}, Seconds: 2}},
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
		"value missing": {strings.Replace(wrkOutput, "p99_us=3500", "", 1), "no result"},
		"not a number":  {strings.Replace(wrkOutput, "p99_us=3500", "p99_us=none", 1), "p99_us=none"},
	} {
		if _, err := parseWrk(test.out); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: parseWrk error = %v; want %q in it", name, err, test.want)
		}
	}
}
