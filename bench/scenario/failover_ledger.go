package scenario

import (
	"sync"
	"sync/atomic"
	"time"

	"pagesession/bench/load"
)

// A redisAccount is what the client knows of one session. One visitor at a time has it,
// and no lock is needed.
type redisAccount struct {
	id, name string
	failing  bool // its master is the one that is killed
	frozen   bool // not requested after the kill, so that a lost extension shows

	created  time.Time // when the creation was answered
	asked    time.Time // when the latest extension that was answered was asked for
	extended time.Time // when it was answered
	ended    time.Time // when the end was answered; zero: not
	unsure   bool      // an end was asked for and not answered
	gone     bool      // an answer said that there is no session, though there has to be one
}

// A failoverLedger is on the client's side: it knows what was asked and answered, and
// nothing of how sessions are stored. It is safe for concurrent use.
type failoverLedger struct {
	killed atomic.Int64 // in Unix nanoseconds; 0 before

	mu     sync.Mutex // protects the fields below
	groups [2]failoverGroup
	wrong  []string // answers that no session allows
}

// A failoverGroup has the answers about the sessions of the other masters, or of the failed
// one.
type failoverGroup struct {
	*load.Tally
	refused int       // 503
	last    time.Time // when a request was refused last
}

// The groups.
const (
	groupOthers = 0
	groupFailed = 1
)

func groupOf(failing bool) int {
	if failing {
		return groupFailed
	}
	return groupOthers
}

func newFailoverLedger() *failoverLedger {
	l := new(failoverLedger)
	for i := range l.groups {
		l.groups[i].Tally = load.NewTally()
	}
	return l
}

func (l *failoverLedger) kill(at time.Time) { l.killed.Store(at.UnixNano()) }

// after reports whether the master has been killed.
func (l *failoverLedger) after() bool { return l.killed.Load() != 0 }

// yes counts a good answer.
func (l *failoverLedger) yes(failing bool, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.groups[groupOf(failing)].Add(load.Good, took)
}

// no counts a request that was refused, or not answered.
func (l *failoverLedger) no(failing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := &l.groups[groupOf(failing)]
	g.refused++
	g.last = time.Now()
}

// blame notes a wrong answer.
func (l *failoverLedger) blame(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, what)
}

// quiet returns how long no request was refused.
func (l *failoverLedger) quiet(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := time.Unix(0, l.killed.Load())
	for _, g := range l.groups {
		if g.last.After(last) {
			last = g.last
		}
	}
	return now.Sub(last)
}

// away returns how long after the kill a group's requests were refused.
func (l *failoverLedger) away(group int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, l.groups[group].last.Sub(time.Unix(0, l.killed.Load())))
}
