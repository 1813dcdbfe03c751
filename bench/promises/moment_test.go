//go:build linux

package promises

import (
	"testing"
	"time"
)

// A backup that is asked for at 10 s and answered at 11 s shows one moment in between.
// Two sessions, a and b, are created, and a may be ended.
func TestLedger_OneMoment(t *testing.T) {
	at := func(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
	none, revoked, deleted := sighting{state: "none"}, sighting{state: "ended", reason: "revoked"}, sighting{state: "ended", reason: "deleted"}
	for _, tc := range []struct {
		name   string
		a, b   float64 // when they are created
		end    float64 // when the end of a is asked for; 0: never
		as, bs sighting
		broken bool
	}{
		{"both were there", 1, 2, 0, revoked, revoked, false},
		{"neither was there yet", 12, 13, 0, none, none, false},
		{"one is missing", 1, 2, 0, revoked, none, true},
		{"one came too early", 1, 12, 0, revoked, revoked, true},
		{"during the backup, the first only", 10.2, 10.6, 0, revoked, none, false},
		{"during the backup, the second only", 10.2, 10.6, 0, none, revoked, true},
		{"an end before it is there", 1, 2, 3, deleted, revoked, false},
		{"an end before it is missing", 1, 2, 3, revoked, revoked, true},
		{"an end after it is missing", 1, 2, 12, revoked, revoked, false},
		{"an end after it is there", 1, 2, 12, deleted, revoked, true},
		{"an end that was never asked", 1, 2, 0, deleted, revoked, true},
		{"an end, and a creation before it is missing", 1, 10.2, 10.6, deleted, none, true},
		{"expired meanwhile", 1, 2, 3, sighting{state: "ended", reason: "idle"}, revoked, false},
	} {
		l := newLedger()
		add := func(id string, created float64) *account {
			born := &op{verb: verbCreate, asked: at(created), answered: at(created + 0.1), answer: yes}
			x := &account{id: id, born: born, ops: []*op{born}}
			l.accounts[id] = x
			return x
		}
		a := add("a", tc.a)
		add("b", tc.b)
		if tc.end > 0 {
			a.ops = append(a.ops, &op{verb: verbEnd, asked: at(tc.end), answered: at(tc.end + 0.1), answer: yes})
		}
		l.oneMoment(&backup{asked: at(10), answered: at(11)}, survey{seen: map[string]sighting{"a": tc.as, "b": tc.bs}})
		if l.broken() != tc.broken {
			t.Errorf("%s: faults %v; want some: %t", tc.name, l.faults, tc.broken)
		}
	}
}
