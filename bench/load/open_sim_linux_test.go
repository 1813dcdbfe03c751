package load

import (
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// simWires is a server with one worker in virtual time: it needs a while for
// each answer, in the order of the requests, and stands still from one
// instant to another. Nothing here sleeps.
type simWires struct {
	now      time.Duration
	tick     time.Duration
	each     time.Duration
	stall    [2]time.Duration // from, to
	busyTill time.Duration
	answers  []simAnswer
	respond  func(n int) string // n counts requests from 0
	asked    int
	clientAt time.Duration // the client itself does not run
	clientTo time.Duration // from this instant to that one
}

type simAnswer struct {
	wire int
	at   time.Duration
	text string
}

func (s *simWires) clock() time.Duration { return s.now }
func (s *simWires) connect(int) error    { return nil }
func (s *simWires) close()               {}

func (s *simWires) drop(i int) {
	s.answers = slices.DeleteFunc(s.answers, func(a simAnswer) bool { return a.wire == i })
}

func (s *simWires) send(i int, _ []byte) error {
	begin := max(s.now, s.busyTill)
	if begin >= s.stall[0] && begin < s.stall[1] {
		begin = s.stall[1]
	}
	s.busyTill = begin + s.each
	s.answers = append(s.answers, simAnswer{i, s.busyTill, s.respond(s.asked)})
	s.asked++
	return nil
}

func (s *simWires) receive(i int, p []byte) (int, error) {
	at := slices.IndexFunc(s.answers, func(a simAnswer) bool { return a.wire == i && a.at <= s.now })
	if at < 0 {
		return 0, nil
	}
	text := s.answers[at].text
	s.answers = slices.Delete(s.answers, at, at+1)
	if text == "" {
		return 0, io.EOF
	}
	return copy(p, text), nil
}

// wait advances the time to the next answer or tick.
func (s *simWires) wait(ready []int) ([]int, error) {
	next := s.now + s.tick
	for _, a := range s.answers {
		next = min(next, max(a.at, s.now))
	}
	if next >= s.clientAt && next < s.clientTo {
		next = s.clientTo
	}
	s.now = next
	for _, a := range s.answers {
		if a.at <= s.now {
			ready = append(ready, a.wire)
		}
	}
	return ready, nil
}

const (
	simGood    = "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nYour name from the session"
	simExpired = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nNo session"
	simBad     = "HTTP/1.1 503 Busy\r\nContent-Length: 26\r\n\r\nYour name from the session"
)

// simulate runs the loop in virtual time: 1,000 requests/s for a second.
func simulate(t *testing.T, s *simWires, connections int) Result {
	t.Helper()
	if s.respond == nil {
		s.respond = func(int) string { return simGood }
	}
	s.tick, s.each = 100*time.Microsecond, 100*time.Microsecond
	l := Load{
		URL: "http://sim/get/", Expect: Expectation{Marker: LiveMarker},
		Connections: connections, Duration: time.Second, Rate: 1000,
	}
	o, err := newOpenLoop(l, s, s.clock)
	if err == nil {
		err = o.connectAll()
	}
	if err == nil {
		err = o.run(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	res := o.result()
	if all := res.Good + res.Expired + res.Wrong + res.Errors; all != 1000 || res.Open.Scheduled != 1000 {
		t.Errorf("%d verdicts of %d requests; want 1000 of 1000", all, res.Open.Scheduled)
	}
	return res
}

// around reports whether a figure is what it should be, to 1 ms.
func around(got, want float64) bool { return math.Abs(got-want) <= 1 }

func TestOpenLoop_QuietServer(t *testing.T) {
	res := simulate(t, &simWires{}, 4)
	if !around(res.Latency.Max, 0.1) || !around(res.Open.Lag.Max, 0) || res.Open.Waited != 0 || !around(res.Seconds*1e3, 1000) {
		t.Errorf("result = %+v, %+v, %+v; want 0.1 ms and no lag", res, res.Latency, res.Open.Lag)
	}
}

// A stall of 200 ms from 300 ms on meets 200 of the 1,000 requests, though
// only 4 connections are there to see it: the percentiles are known.
func TestOpenLoop_StallCountsFromTheScheduledInstant(t *testing.T) {
	res := simulate(t, &simWires{stall: [2]time.Duration{300 * time.Millisecond, 500 * time.Millisecond}}, 4)
	// The backlog of 200 drains at 10,000/s while 1,000/s come: within 22 ms.
	// The n-th longest latency is 200 ms less n times 0.9 ms.
	for name, pair := range map[string][2]float64{
		"max": {res.Latency.Max, 200.1}, "p99": {res.Latency.P99, 191}, "p90": {res.Latency.P90, 110}, "p50": {res.Latency.P50, 0.1},
	} {
		if !around(pair[0], pair[1]) {
			t.Errorf("%s = %.1f ms; want %.1f", name, pair[0], pair[1])
		}
	}
	if res.Open.Lag.Max > 0.2 {
		t.Errorf("client's lag = %+v; want none: the server stood still", res.Open.Lag)
	}
	if res.Open.Waited < 195 || res.Open.Waited > 230 {
		t.Errorf("waited = %d; want those of the stall and its backlog", res.Open.Waited)
	}
}

// The same 200 ms, but it is the client that did not run. The latency is the
// same; the lag tells whose it is.
func TestOpenLoop_ClientsOwnStallIsLag(t *testing.T) {
	res := simulate(t, &simWires{clientAt: 300 * time.Millisecond, clientTo: 500 * time.Millisecond}, 300)
	if max := res.Latency.Max; max < 199 || max > 225 { // the backlog of 200 has to be served
		t.Errorf("max = %.1f ms; want the stall", max)
	}
	if !around(res.Open.Lag.Max, 200) || !around(res.Open.Lag.P99, 190) || res.Open.Waited != 0 {
		t.Errorf("lag = %+v, waited %d; want the stall as lag", res.Open.Lag, res.Open.Waited)
	}
}

// Failures are slow here: each kind is what comes out of the stall.
func TestOpenLoop_FailuresHaveNoLatency(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want func(Result) int64
	}{
		"expired":    {simExpired, func(r Result) int64 { return r.Expired }},
		"wrong":      {simBad, func(r Result) int64 { return r.Wrong }},
		"hung up":    {"", func(r Result) int64 { return r.Errors }},
		"no HTTP":    {"SSH-2.0-OpenSSH\r\n", func(r Result) int64 { return r.Errors }},
		"more of it": {simGood + simGood, func(r Result) int64 { return r.Errors }},
	} {
		s := &simWires{stall: [2]time.Duration{300 * time.Millisecond, 500 * time.Millisecond}}
		slow := func(n int) bool { return n >= 295 && n < 540 }
		s.respond = func(n int) string {
			if slow(n) {
				return test.text
			}
			return simGood
		}
		res := simulate(t, s, 4)
		if test.want(res) != 245 || res.Good != 755 {
			t.Errorf("%s: result = %+v; want 245 of these and 755 good", name, res)
		}
		if res.Latency.Max > 1 {
			t.Errorf("%s: max = %.1f ms; want none of the failures in it", name, res.Latency.Max)
		}
	}
}

// A server that never answers again: the schedule goes on, the timeout ends
// it, and all that is open then is an error.
func TestOpenLoop_HungServer(t *testing.T) {
	res := simulate(t, &simWires{stall: [2]time.Duration{500 * time.Millisecond, time.Hour}}, 4)
	if res.Good < 498 || res.Good > 500 || res.Errors != 1000-res.Good || res.Latency.Max > 1 {
		t.Errorf("result = %+v, %+v; want 500 good ones and the rest as errors", res, res.Latency)
	}
}

func TestPace(t *testing.T) {
	for _, test := range []struct {
		rate float64
		d    time.Duration
		want int64
	}{
		{1000, time.Second, 1000},
		{1000, time.Second + 1, 1001},
		{1000, 1, 1}, // the first is due at once
		{1000, 0, 0},
		{3, time.Second, 3},
		{0.5, 3 * time.Second, 2},
		{18877.5, 3 * time.Second, 56633},
		{999_999.9, time.Minute, 59_999_994},
	} {
		p := pace{test.rate}
		got := p.count(test.d)
		if got != test.want {
			t.Errorf("pace(%g).count(%v) = %d; want %d", test.rate, test.d, got, test.want)
		}
		if p.at(got) < test.d || got > 0 && p.at(got-1) >= test.d {
			t.Errorf("pace(%g).at does not agree with count(%v) = %d", test.rate, test.d, got)
		}
	}
	if got := (pace{1000}).at(1500); got != 1500*time.Millisecond {
		t.Errorf("at(1500) = %v; want 1.5s", got)
	}
}

func TestLag(t *testing.T) {
	for name, test := range map[string][4]time.Duration{ // due, freed, sent, want
		"in time":              {10, 5, 10, 0},
		"late":                 {10, 5, 17, 7},
		"all were busy":        {10, 15, 15, 0},
		"all were busy, late":  {10, 15, 17, 2},
		"the clock is as read": {10, 12, 11, 0},
	} {
		if got := lag(test[0], test[1], test[2]); got != test[3] {
			t.Errorf("%s: lag = %v; want %v", name, got, test[3])
		}
	}
}

func TestRequestBytes(t *testing.T) {
	r, err := newRequestBytes("http://127.0.0.1:8000/get/")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(r.with("abc")), "GET /get/ HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nCookie: sessionid=abc\r\n\r\n"; got != want {
		t.Errorf("with(abc) = %q; want %q", got, want)
	}
	if got := string(r.with("")); strings.Contains(got, "Cookie") || !strings.HasSuffix(got, "8000\r\n\r\n") {
		t.Errorf("with no id = %q; want no cookie", got)
	}
	if got := string(r.wanted("abc")); got != "sessionid=abc" {
		t.Errorf("wanted = %q", got)
	}
}
