//go:build linux

package promises

import (
	"testing"
	"time"

	"pagesession/storage/record"
)

// The judge excuses what promises.md allows, and nothing else. One session is created
// at 10 s with an idle timeout of a minute; the server dies at 20 s.
func TestLedger_Judges(t *testing.T) {
	const born, died, idle = 10 * time.Second, 20 * time.Second, time.Minute
	live := func(left time.Duration) sighting {
		return sighting{from: died, to: died, state: "live", name: "a", idle: idle, dueMin: born + left, dueMax: born + left}
	}
	gone := func(state string) sighting { return sighting{from: died, to: died, state: state} }
	ask := func(verb string, at time.Duration, got answer) *op {
		return &op{verb: verb, name: "b", idle: idle, asked: at, answered: at, answer: got}
	}
	longer := &op{verb: verbTimeout, idle: 200 * time.Second, asked: 11 * time.Second, answered: 11 * time.Second, answer: refused}
	for _, tc := range []struct {
		name  string
		ops   []*op // after the creation
		death death
		found sighting
		want  string // the promise that is broken
	}{
		{"as it was", nil, death{}, live(idle), ""},
		{"lost", nil, death{}, gone("none"), "P1"},
		{"lost with a damaged file", nil, death{lossy: true}, gone("none"), ""},
		{"lives too long", nil, death{}, live(idle + time.Second), "P4"},
		{"ends early", nil, death{}, live(idle - time.Second), "P1"},
		{"refresh lost", []*op{ask(verbRefresh, 15*time.Second, yes)}, death{}, live(idle), "P5"},
		{"refresh of the last moment lost", []*op{ask(verbRefresh, died-window/2, yes)}, death{}, live(idle), ""},
		{"the same at a clean stop", []*op{ask(verbRefresh, died-window/2, yes)}, death{clean: true}, live(idle), "P5"},
		{"refresh lost while detached", []*op{ask(verbRefresh, 15*time.Second, yes)}, death{faulty: true}, live(idle), ""},
		{"end lost", []*op{ask(verbEnd, 15*time.Second, yes)}, death{}, live(idle), "P3"},
		{"end without an answer", []*op{ask(verbEnd, 15*time.Second, none)}, death{}, live(idle), ""},
		{"end forgotten", []*op{ask(verbEnd, 15*time.Second, yes)}, death{}, gone("none"), "P3"},
		{"end remembered", []*op{ask(verbEnd, 15*time.Second, yes)}, death{}, gone("ended"), ""},
		{"end of a detached file lost", []*op{ask(verbEnd, 15*time.Second, later)}, death{faulty: true}, live(idle), ""},
		{"the same without a fault", []*op{ask(verbEnd, 15*time.Second, later)}, death{}, live(idle), "P3"},
		{"change lost", []*op{ask(verbRename, born+1, yes)}, death{}, live(idle), "P1"},
		{"refusal done", []*op{ask(verbRename, 11*time.Second, refused)}, death{}, named(live(idle), "b"), "P2"},
		{"refused timeout done", []*op{longer}, death{}, live(201 * time.Second), "P4"},
		{"refused timeout done while detached", []*op{longer}, death{faulty: true}, live(201 * time.Second), ""},
		{"more than it while detached", []*op{longer}, death{faulty: true}, live(202 * time.Second), "P4"},
		{"refusal done while detached", []*op{ask(verbRename, 11*time.Second, refused)}, death{faulty: true}, named(live(idle), "b"), ""},
	} {
		l := newLedger()
		create := &op{verb: verbCreate, name: "a", idle: idle, asked: born, answered: born, answer: yes}
		l.asked["a"], l.accounts["x"] = create, &account{id: "x", born: create, idle: idle, ops: append([]*op{create}, tc.ops...)}
		for _, o := range tc.ops {
			if o.changes() {
				l.asked["b"] = o
			}
		}
		tc.death.lastAct, tc.death.at = died, died
		l.judge(tc.death, survey{seen: map[string]sighting{"x": tc.found}})
		if got := firstPromise(l.faults); got != tc.want {
			t.Errorf("%s: faults %v; want one of promise %q", tc.name, l.faults, tc.want)
		}
	}
}

func named(s sighting, name string) sighting {
	s.name = name
	return s
}

func firstPromise(faults []Fault) string {
	if len(faults) == 0 {
		return ""
	}
	return faults[0].Promise
}

// A session that was never asked for is a fault; one whose creation got no answer is
// none, neither at once nor after the next recovery.
func TestLedger_JudgesStrangers(t *testing.T) {
	for got, want := range map[answer]string{none: "", refused: "P2", yes: "P2"} {
		l := newLedger()
		l.asked["a"] = &op{verb: verbCreate, name: "a", asked: 1, answered: 2, answer: got}
		found := survey{listed: []listed{{handle: record.KeyOf("x").Handle().String(), name: "a"}}}
		l.judge(death{lastAct: 10, at: 10}, found)
		if p := firstPromise(l.faults); p != want {
			t.Errorf("creation answered %q: faults %v; want one of promise %q", got, l.faults, want)
		}
		l.faults = nil
		l.judge(death{lastAct: 20, at: 20}, found)
		if want == "" && len(l.faults) > 0 {
			t.Errorf("the second time: %v", l.faults)
		}
	}
	l := newLedger()
	l.judge(death{}, survey{listed: []listed{{handle: "00", name: "never asked"}}})
	if firstPromise(l.faults) != "P7" {
		t.Errorf("a session that was never asked for: faults %v; want one of P7", l.faults)
	}
}

// Every planted bug names attacks that there are, and every promise is P1 to P14.
func TestCatalogue(t *testing.T) {
	names := attackNames()
	for _, bug := range Bugs() {
		for _, by := range bug.By {
			if !contains(names, by) {
				t.Errorf("bug %s: no attack %q", bug.Name, by)
			}
		}
	}
	for _, a := range All() {
		if a.CI < 1 || a.Long < a.CI || len(a.Promises) == 0 {
			t.Errorf("attack %s: %d and %d cycles, promises %v", a.Name, a.CI, a.Long, a.Promises)
		}
	}
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// A small file that was full remembers few ends, and ten minutes of the server's own
// clock are long over when it was put ahead. An end that was forgotten then is no fault; a
// session that lives again is one.
func TestLedger_ForgottenEnds(t *testing.T) {
	for _, tc := range []struct {
		forgets bool
		shift   time.Duration
		state   string
		broken  bool
	}{
		{false, 0, "none", true}, {false, 0, "ended", false}, {true, 0, "none", false}, {true, 0, "live", true},
		{false, keepEnded, "none", false}, {false, keepEnded, "live", true},
	} {
		l := newLedger()
		l.gone = []*account{{id: "a", ended: time.Hour}}
		l.judge(death{forgets: tc.forgets, shift: tc.shift}, survey{seen: map[string]sighting{"a": {to: time.Hour + 10*time.Second, state: tc.state}}})
		if l.broken() != tc.broken {
			t.Errorf("%+v: faults %v", tc, l.faults)
		}
	}
}
