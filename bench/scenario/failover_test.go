package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/bench/report"
)

// This kills a master of a real Cluster.
func TestFailover(t *testing.T) {
	t.Parallel()
	needRedis(t)
	rep := runTest(t, redisScenario(), func(o *Options) {
		o.Client, o.Duration, o.Rounds, o.Sessions, o.Connections = "own", 100*time.Millisecond, 0, 100, 8
		o.Window = time.Second
	})
	// TestJudge_Failover tests this limit, which a machine that runs other tests can miss.
	rep.Bad = slices.DeleteFunc(rep.Bad, func(what string) bool { return strings.Contains(what, "the service was back after") })
	wantGood(t, rep)
	if len(rep.Measurements) != 4 {
		t.Fatalf("measurements = %v; want two failovers, with two groups each", rep.Measurements)
	}
	for i, m := range rep.Measurements {
		failed, behind := i%2 == 1, i >= 2
		if m.Figures["sessions"] == 0 || m.Figures["ended"] == 0 || m.Figures["answered"] == 0 || failed != (m.Figures[awaySeconds] > 0) {
			t.Errorf("%s = %v; want sessions of both kinds, and refusals of the failed master alone", m.Subject, m.Figures)
		}
		for _, what := range []string{"lost", "revived", "unextended"} {
			if n := m.Figures[what]; (n > 0) != behind && (failed || n > 0) {
				t.Errorf("%s: %v sessions %s; want some if the replica was behind", m.Subject, n, what)
			}
		}
	}
}

// What is found after a failover is allowed only of the failed master, and only within the
// second before the kill.
func TestFailoverVerdict(t *testing.T) {
	killed := time.Unix(1000, 0)
	at := func(before time.Duration) time.Time { return killed.Add(-before) }
	const idle = time.Hour
	full := finding{live: true, remaining: idle, at: killed}
	early, late, own := 900*time.Millisecond, 1100*time.Millisecond, "visitor-1-1-"
	for name, test := range map[string]struct {
		account redisAccount
		found   finding
		counts  [3]int // lost, revived, unextended
		broken  string
	}{
		"live":              {redisAccount{created: at(late), asked: at(0)}, full, [3]int{}, ""},
		"ended":             {redisAccount{created: at(late), ended: at(late)}, finding{at: killed}, [3]int{}, ""},
		"lost":              {redisAccount{failing: true, created: at(early)}, finding{at: killed}, [3]int{1, 0, 0}, ""},
		"lost too early":    {redisAccount{failing: true, created: at(late)}, finding{at: killed}, [3]int{1, 0, 0}, "was created and is gone; answered 1.1s before the kill, of the failed master: true"},
		"lost elsewhere":    {redisAccount{created: at(early)}, finding{at: killed}, [3]int{1, 0, 0}, "of the failed master: false"},
		"lost afterwards":   {redisAccount{failing: true, created: at(-time.Second)}, finding{at: killed}, [3]int{1, 0, 0}, "answered -1s before the kill"},
		"revived":           {redisAccount{failing: true, created: at(late), ended: at(early)}, full, [3]int{0, 1, 0}, ""},
		"revived too early": {redisAccount{failing: true, created: at(late), ended: at(late)}, full, [3]int{0, 1, 0}, "was ended and is live"},
		"revived elsewhere": {redisAccount{created: at(late), ended: at(early)}, full, [3]int{0, 1, 0}, "of the failed master: false"},
		"shortened": {redisAccount{failing: true, created: at(late), asked: at(early), extended: at(early)},
			finding{live: true, remaining: idle - time.Second, at: killed}, [3]int{0, 0, 1}, ""},
		"shortened too early": {redisAccount{failing: true, created: at(2 * time.Second), asked: at(late), extended: at(late)},
			finding{live: true, remaining: idle - 2*time.Second, at: killed}, [3]int{0, 0, 1}, "ends earlier than its latest extension said"},
		"another's page": {redisAccount{created: at(late)}, finding{live: true, remaining: idle, at: killed, wrong: "another"}, [3]int{}, "another"},
		"denied":         {redisAccount{created: at(late), asked: at(0), gone: true}, full, [3]int{}, "is live, though an answer said that it is not"},
	} {
		test.account.name = own
		var v failoverVerdict
		v.add(&test.account, test.found, killed, idle)
		if got := [3]int{v.Lost, v.Revived, v.Unextended}; got != test.counts {
			t.Errorf("%s: lost, revived, extensions lost = %v; want %v", name, got, test.counts)
		}
		if got := strings.Join(v.Broken, "; "); (got == "") != (test.broken == "") || !strings.Contains(got, test.broken) {
			t.Errorf("%s: broken = %q; want %q", name, got, test.broken)
		}
	}
}

func TestJudge_Failover(t *testing.T) {
	for name, test := range map[string]struct {
		away, promoted time.Duration
		generous       bool
		wrong          string
		want           string
	}{
		"good":          {3 * time.Second, 2 * time.Second, false, "", ""},
		"late":          {3010 * time.Millisecond, 2 * time.Second, false, "", "back after 3.01 s; want at most 1s after the Cluster, which took 2.00 s"},
		"generous":      {5 * time.Second, 2 * time.Second, true, "", ""},
		"generous late": {5010 * time.Millisecond, 2 * time.Second, true, "", "want at most 3s"},
		"others":        {2 * time.Second, 2 * time.Second, false, "", "1 requests about the other masters' sessions were refused"},
		"unnoticed":     {0, 2 * time.Second, false, "", "no request was refused"},
		"wrong":         {2 * time.Second, 2 * time.Second, false, "the page of another", "1 wrong answers; the first: \"the page of another\""},
	} {
		f := &failoverRun{Bench: &Bench{Options: &Options{Generous: test.generous}, Report: &report.Report{}}, ledger: newFailoverLedger(), promoted: test.promoted}
		killed := time.Now().Add(-time.Minute)
		f.ledger.kill(killed)
		if test.away > 0 {
			f.ledger.no(true)
			f.ledger.groups[groupFailed].last = killed.Add(test.away)
		}
		if name == "others" {
			f.ledger.no(false)
			f.ledger.groups[groupOthers].last = killed
		}
		if test.wrong != "" {
			f.ledger.blame(test.wrong)
		}
		f.judge()
		checkBad(t, name, f.Report, test.want)
	}
}
