package storage_test

import (
	"strings"
	"testing"
	"time"

	"pagesession/storage/record"
)

// The judge of the crash tests accepts what the storage does not promise, and
// nothing else.
func TestLedger_Judges(t *testing.T) {
	const asked, answered, idle = 10 * time.Second, 10*time.Second + ms, 5 * time.Second
	for _, tc := range []struct {
		name      string
		verb      string        // of a call on the session; a refresh was answered yes, others were not answered
		from, to  time.Duration // the process died between these
		foundTo   time.Duration // when the next process had read the sessions
		wantFault bool
	}{
		{"rotated when it expired", "rotate", 12 * time.Second, 12 * time.Second, 15*time.Second - ms, false},
		{"half a rotation", "rotate", 12 * time.Second, 12 * time.Second, 14 * time.Second, true},
		{"refreshed within the window", "refresh", 13*time.Second + 500*ms, 15 * time.Second, 15*time.Second + ms, false},
		{"refreshed long before", "refresh", 14*time.Second + 500*ms, 15 * time.Second, 15*time.Second + ms, true},
		{"refreshed before a commit that hung", "refresh, hung", 14*time.Second + 500*ms, 15 * time.Second, 15*time.Second + ms, false},
		{"refreshed long before a commit that hung", "refresh, hung late", 14*time.Second + 500*ms, 15 * time.Second, 15*time.Second + ms, true},
	} {
		verb, hung, _ := strings.Cut(tc.verb, ", ")
		l := newLedger()
		l.apply(event{at: asked, verb: "create", n: 1, id: "a", digest: "x", idle: idle})
		l.apply(event{at: answered, verb: "yes", n: 1})
		l.apply(event{at: 13 * time.Second, verb: verb, n: 2, id: "a", to: "b", digest: "y"})
		if verb == "refresh" {
			l.apply(event{at: 13*time.Second + ms, verb: "yes", n: 2})
		}
		if at := map[string]time.Duration{"hung": 13*time.Second + 2*ms, "hung late": 14 * time.Second}[hung]; at > 0 {
			l.apply(event{at: at, verb: "create", n: 3, id: "c", digest: "z"})
		}
		l.lastAct = tc.from
		l.settle(tc.to, snapshot{from: tc.foundTo - ms, to: tc.foundTo, live: map[record.Key]sighting{}})
		if got := len(l.faults) > 0; got != tc.wantFault {
			t.Errorf("%s: faults %q; want one: %v", tc.name, l.faults, tc.wantFault)
		}
	}
}
