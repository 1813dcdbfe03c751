package storage_test

import (
	"fmt"
	"slices"
	"time"

	"pagesession/storage/record"
)

// The ledger judges every crash test from the client's side. It has what was asked,
// when, and whether the answer was yes, no, an error, or none. It knows nothing of
// how the storage works. Its times are those of the boot clock.
type ledger struct {
	ops      map[int]*op             // calls of this run
	accounts map[record.Key]*account // sessions that may be live
	dead     map[record.Key]string   // ids that were gone after a crash and must stay gone
	restarts int
	cutAt    time.Duration // when the disk was cut off; later errors say nothing about the file
	lastAct  time.Duration // when the process is last known to have worked; 0: use the time when it was gone
	faults   []string
}

// An op is one call. Its answer is "yes", "no" (the session has ended), "err" (a
// 503: not done, now or later), "later" (an end that is not on disk yet), or "" when
// the crash came first.
type op struct {
	verb            string // create, replace, refresh, rotate, end, sync
	from, to        *account
	digest          string // of the value
	asked, answered time.Duration
	answer          string
}

func (o *op) settle(answer string, at time.Duration) {
	o.answer, o.answered = answer, at
	if o.verb == "create" && o.from.absMost > 0 {
		o.from.absMost += at - o.asked
	}
}

func (o *op) maybe() bool { return o.answer == "yes" || o.answer == "" }

// An account is one id that was asked for at least once.
type account struct {
	id                string
	idle              time.Duration
	absLeast, absMost time.Duration // bounds of the absolute deadline; 0: none
	ops               []*op         // calls of this run that name it
	born              *op           // its creation or rotation in this run; nil: it was live after an earlier run
	digest            string        // the value seen then, when born is nil
	dueMin, dueMax    time.Duration // the deadline seen then
}

// window is how old a refresh must be to be durable when the process dies (W).
const window = time.Second

func newLedger() *ledger {
	return &ledger{ops: map[int]*op{}, accounts: map[record.Key]*account{}, dead: map[record.Key]string{}}
}

func (l *ledger) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// An event is one line of the ledger.
type event struct {
	at             time.Duration
	verb           string // of an op, or its answer
	n              int    // number of the op
	id, to, digest string
	idle, absolute time.Duration
}

func (l *ledger) apply(e event) {
	if o := l.ops[e.n]; o != nil {
		if e.verb != "err" || l.cutAt == 0 || e.at < l.cutAt {
			o.settle(e.verb, e.at)
		}
		return
	}
	o := &op{verb: e.verb, digest: e.digest, asked: e.at}
	l.ops[e.n] = o
	switch e.verb {
	case "sync":
		return
	case "create":
		a := &account{id: e.id, idle: e.idle, born: o}
		if e.absolute > 0 {
			a.absLeast, a.absMost = e.at+e.absolute, e.at+e.absolute
		}
		l.accounts[record.KeyOf(e.id)] = a
	case "rotate":
		a := *l.account(e.id)
		a.id, a.born, a.ops = e.to, o, []*op{o}
		l.accounts[record.KeyOf(e.to)], o.to = &a, &a
	}
	o.from = l.account(e.id)
	o.from.ops = append(o.from.ops, o)
}

// account returns that of an id. For an id that was never created it makes one,
// which must never become live.
func (l *ledger) account(id string) *account {
	if a := l.accounts[record.KeyOf(id)]; a != nil {
		return a
	}
	return &account{id: id}
}

// A sighting is a live session in a recovered storage. It was read between two
// readings of the clock, so its deadline lies between two instants.
type sighting struct {
	digest         string
	dueMin, dueMax time.Duration
}

// A snapshot is all live sessions that were seen between two instants.
type snapshot struct {
	from, to time.Duration
	live     map[record.Key]sighting
}

// settle compares what was found after a crash with what was promised before it.
// What was found is the base for the next run.
func (l *ledger) settle(crashed time.Duration, found snapshot) {
	hung := l.hung()
	for _, o := range l.ops {
		if o.answer == "" {
			o.settle("", crashed)
		}
	}
	for k := range found.live {
		if id := l.dead[k]; id != "" {
			l.fault("%s was gone after an earlier crash and is live again", id)
		} else if l.accounts[k] == nil {
			l.fault("%s is live but was never created", k.Fingerprint())
		}
	}
	slack := time.Duration(l.restarts+2) * ms // each restart rounds times to milliseconds
	synced, died := l.lastSync(), crashed
	if l.lastAct > 0 {
		died = l.lastAct // on a busy machine a killed process can take a second to be gone
	}
	if hung > 0 {
		died = min(died, hung+window)
	}
	for k, a := range l.accounts {
		if s, live := found.live[k]; live {
			l.judgeLive(a, s, found, slack, died, synced)
		} else if least := a.least(died, synced) - slack; a.promised() && found.to < least {
			l.fault("%s is lost %v before its deadline: %v", a.id, least-found.to, a)
		}
	}
	l.judgeRotations(died, synced, slack, found)
	for k, a := range l.accounts {
		if s, live := found.live[k]; live {
			a.digest, a.dueMin, a.dueMax, a.born, a.ops = s.digest, s.dueMin, s.dueMax, nil, nil
		} else {
			l.dead[k] = a.id
			delete(l.accounts, k)
		}
	}
	clear(l.ops)
	l.restarts, l.cutAt, l.lastAct = l.restarts+1, 0, 0
}

// hung returns when the commit may have begun that was under way when the process
// died; 0: unknown. A commit that takes longer also extends W, because refreshes
// wait for their flush behind it. The commit that hangs may be a flush without a
// change, a few intervals before the first change that got no answer.
func (l *ledger) hung() (at time.Duration) {
	const intervals = 100 * ms
	for _, o := range l.ops {
		if o.answer == "" && o.verb != "refresh" && (at == 0 || o.asked-intervals < at) {
			at = o.asked - intervals
		}
	}
	return at
}

func (l *ledger) judgeLive(a *account, s sighting, found snapshot, slack, died, synced time.Duration) {
	for _, o := range a.ops {
		switch {
		case o == a.born && !o.maybe():
			l.fault("%s is live, but its creation was answered %q", a.id, o.answer)
		case o.to == a || o.verb == "create" || o.verb == "refresh": // says nothing about an end of a
		case o.verb != "end" && o.answer == "no" && a.endAsked(): // the answer may come from an end that the crash undid
		case o.answer == "no", o.answer == "yes" && o.verb != "replace":
			l.fault("%s is live, but %s was answered %q %v before the crash", a.id, o.verb, o.answer, died-o.answered)
		}
	}
	if most := a.most() + slack; found.from >= most || s.dueMin > most {
		l.fault("%s is live until %v; want %v at most, and the time is %v", a.id, s.dueMin, most, found.from)
	}
	if least := a.least(died, synced) - slack; s.dueMax < least {
		l.fault("%s ends at %v; want %v at least (crash %v, synced %v): %v", a.id, s.dueMax, least, died, synced, a)
	}
	if !slices.Contains(a.values(), s.digest) {
		l.fault("%s holds %s; want one of %v", a.id, s.digest, a.values())
	}
}

// judgeRotations checks that a rotation without an answer happened as a whole or not
// at all.
func (l *ledger) judgeRotations(died, synced, slack time.Duration, found snapshot) {
	heirs := map[*account]*account{}
	for _, o := range l.ops {
		if o.verb != "rotate" {
			continue
		}
		_, old := found.live[record.KeyOf(o.from.id)]
		_, heir := found.live[record.KeyOf(o.to.id)]
		switch {
		case old && heir:
			l.fault("a rotation left both %s and %s live", o.from.id, o.to.id)
		case heir && heirs[o.from] != nil:
			l.fault("%s was rotated to both %s and %s", o.from.id, heirs[o.from].id, o.to.id)
		case heir:
			heirs[o.from] = o.to
		case !old && o.answer == "" && o.from.endedOnlyBy(o) && found.to < o.from.least(died, synced)-slack:
			l.fault("half a rotation: neither %s nor %s is live", o.from.id, o.to.id)
		}
	}
}

func (a *account) endedOnlyBy(rotation *op) bool {
	for _, o := range a.ops {
		if o != rotation && (o.verb == "end" || o.verb == "rotate") && o.answer != "err" {
			return false
		}
	}
	return a.born == nil || a.born.answer == "yes"
}

// promised reports whether the account must be live unless it has expired.
func (a *account) promised() bool { return a.endedOnlyBy(nil) }

// endAsked reports whether an end was asked for in this run.
func (a *account) endAsked() bool {
	return slices.ContainsFunc(a.ops, func(o *op) bool { return o.verb == "end" })
}

// lastSync returns when the last confirmed Sync was asked. Refreshes that were
// confirmed before are durable.
func (l *ledger) lastSync() time.Duration {
	last := time.Duration(0)
	for _, o := range l.ops {
		if o.verb == "sync" && o.answer == "yes" {
			last = max(last, o.asked)
		}
	}
	return last
}

// least returns the deadline that was promised. It counts every confirmed call, a
// refresh only if it had to be on disk.
func (a *account) least(died, synced time.Duration) time.Duration {
	due := a.dueMin
	for _, o := range a.ops {
		durable := o.verb != "refresh" || o.answered <= died-window || o.answered < synced
		if o.answer == "yes" && durable {
			due = max(due, o.asked+a.idle)
		}
	}
	if a.absLeast > 0 {
		due = min(due, a.absLeast)
	}
	return due
}

// most returns the latest deadline that any call can have given the session. A
// change that was refused because the disk was full has extended it, and so has a
// rotation that lost against an end.
func (a *account) most() time.Duration {
	due := a.dueMax
	for _, o := range a.ops {
		if (o.answer != "no" || o.verb == "rotate") && o.verb != "end" {
			due = max(due, o.answered+a.idle)
		}
	}
	if a.absMost > 0 {
		due = min(due, a.absMost)
	}
	return due
}

// values returns the values that the session may have: every write, except those
// that were answered before a later confirmed write was asked.
func (a *account) values() []string {
	writes := []*op{{digest: a.digest, answer: "yes"}}
	if a.born != nil {
		writes = nil
	}
	for _, o := range a.ops {
		if o.verb == "create" || o.verb == "replace" || o.to == a {
			writes = append(writes, o)
		}
	}
	var may []string
	for _, w := range writes {
		later := func(o *op) bool { return o.answer == "yes" && o.asked > w.answered }
		if w.maybe() && !slices.ContainsFunc(writes, later) {
			may = append(may, w.digest)
		}
	}
	return may
}

func (a *account) String() string {
	text := fmt.Sprintf("idle %v", a.idle)
	for _, o := range a.ops {
		text += fmt.Sprintf(", %s %v-%v %q", o.verb, o.asked, o.answered, o.answer)
	}
	return text
}
