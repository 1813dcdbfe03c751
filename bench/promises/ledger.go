//go:build linux

package promises

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A ledger is the judge of every attack. It stands on the client's side and knows
// nothing of how the server works: what was asked, when, and whether the answer was
// yes, no, refused, later, or none. After a recovery every yes holds, every session
// that was ended is gone, no session exists that was never asked for, and none lives
// past its last deadline. Times are those of the boot clock. It is safe for concurrent
// use.
type ledger struct {
	mu       sync.Mutex
	accounts map[string]*account // by id: those that may be live
	pool     []*account          // those of them that visitors may pick
	gone     []*account          // the latest that were not there after a recovery
	asked    map[string]*op      // creations and changes by the name that they wanted
	calls    int

	cycle   int
	faults  []Fault
	excused Excused
}

// A Fault is one promise that was broken.
type Fault struct {
	Promise string `json:"promise"` // P1 to P14
	Cycle   int    `json:"cycle"`
	What    string `json:"what"`
}

// Excused counts what may happen when a process dies while its file is detached.
type Excused struct {
	UndoneEnds       int `json:"undone_ends"`       // answered 202
	DoneRefusals     int `json:"done_refusals"`     // changes answered 503
	MissingRefreshes int `json:"missing_refreshes"` // older than W
}

// The verbs of an op.
const (
	verbCreate  = "create"
	verbRename  = "rename"
	verbTimeout = "timeout" // another idle timeout
	verbRefresh = "refresh"
	verbEnd     = "end"
)

// An answer is what a request was worth.
type answer string

const (
	none    answer = ""        // the crash came first
	yes     answer = "yes"     // done and durable
	no      answer = "no"      // the session has ended
	refused answer = "refused" // 503: not done, neither now nor later
	later   answer = "later"   // 202: the session has ended, the disk does not know it yet
)

// An op is one request.
type op struct {
	verb            string
	name            string        // that a creation or a change wants
	idle            time.Duration // that a creation or a change of the timeout wants
	asked, answered time.Duration // answered is 0 while there is no answer
	answer          answer
	earlier         bool // of an earlier run
}

func (o *op) maybe() bool { return o.answer == yes || o.answer == none }

// changes reports whether the op waits for the disk and is not an end.
func (o *op) changes() bool { return o.verb != verbRefresh && o.verb != verbEnd }

// An account is one session that the server has issued.
type account struct {
	id   string
	born *op   // in this run; nil: it was seen live after an earlier one
	ops  []*op // of this run

	// What was seen when born is nil.
	name           string
	idle           time.Duration
	dueMin, dueMax time.Duration // its deadline lies between them; 0: unknown

	ended time.Duration // when its end was answered with yes, earlier where a server's clock was put ahead since; 0: never
}

func newLedger() *ledger {
	return &ledger{accounts: map[string]*account{}, asked: map[string]*op{}}
}

// now is the boot clock, by which sessions expire.
func now() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) // fails for an unknown clock only
	return time.Duration(t.Nano())
}

func (l *ledger) fault(promise, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.blame(promise, format, args...)
}

// blame is fault for those who hold the lock.
func (l *ledger) blame(promise, format string, args ...any) {
	l.faults = append(l.faults, Fault{promise, l.cycle, fmt.Sprintf(format, args...)})
}

// broken reports whether a promise was broken.
func (l *ledger) broken() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.faults) > 0
}

// ask notes a request before it is sent; a is nil for a creation.
func (l *ledger) ask(verb string, a *account, name string, idle time.Duration) *op {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := &op{verb: verb, name: name, idle: idle, asked: now()}
	l.calls++
	if name != "" {
		l.asked[name] = o
	}
	if a != nil {
		a.ops = append(a.ops, o)
	}
	return o
}

// count counts a request that promises nothing.
func (l *ledger) count() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
}

// settle notes an answer.
func (l *ledger) settle(o *op, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o.answer, o.answered = a, now()
}

// issue notes the session that a creation was answered with.
func (l *ledger) issue(o *op, id string) *account {
	l.mu.Lock()
	defer l.mu.Unlock()
	o.answer, o.answered = yes, now()
	a := &account{id: id, born: o, ops: []*op{o}, idle: o.idle}
	l.accounts[id] = a
	l.pool = append(l.pool, a)
	return a
}

// pick returns the session in the pool that the number n chooses, nil without one. It
// is taken out, so that no other visitor uses it, until put gives it back.
func (l *ledger) pick(n int) *account {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pool) == 0 {
		return nil
	}
	i := n % len(l.pool)
	a := l.pool[i]
	last := len(l.pool) - 1
	l.pool[i] = l.pool[last]
	l.pool = l.pool[:last]
	return a
}

func (l *ledger) put(a *account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pool = append(l.pool, a)
}

// lastYes is when the last change was asked that was answered with yes: the file took
// writes then. 0: never.
func (l *ledger) lastYes() time.Duration {
	last := time.Duration(0)
	for _, o := range l.asked {
		if o.answer == yes {
			last = max(last, o.asked)
		}
	}
	return last
}

// live returns the ids that may be live, in no order.
func (l *ledger) live() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make([]string, 0, len(l.accounts))
	for id := range l.accounts {
		ids = append(ids, id)
	}
	return ids
}

// past returns the latest ids that were gone after a recovery.
func (l *ledger) past() []*account {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.gone)
}
