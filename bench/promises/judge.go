//go:build linux

package promises

import (
	"slices"
	"time"

	"pagesession/storage/record"
)

// window is W: how old a refresh must be to be on disk when the process dies.
const window = time.Second

// slack covers clocks that are read before and after, and times that are cut to
// milliseconds at each start.
const slack = 5 * time.Millisecond

// keepEnded is how long the server remembers how a session ended.
const keepEnded = 10 * time.Minute

// maxGone bounds the ids that are asked for again after each recovery.
const maxGone = 300

// A death is how a server's run ended.
type death struct {
	lastAct time.Duration // the last instant at which it is known to have worked
	at      time.Duration // it was gone then
	clean   bool          // it was told to stop, and said that nothing is missing
	cut     time.Duration // the disk was cut off then, so later refusals say nothing; 0: never
	faulty  bool          // its disk failed: what promises.md allows while detached is excused
	lossy   bool          // its file was damaged: sessions may be lost
	forgets bool          // its file is small and full: it remembers few ends, see docs/BOUNDS.md
	shift   time.Duration // by how much the next server's clock is ahead of the client's
}

// A sighting is what the server said of one id, asked between two instants.
type sighting struct {
	from, to       time.Duration
	state, reason  string
	name           string
	idle           time.Duration
	dueMin, dueMax time.Duration
}

func (s sighting) live() bool { return s.state == record.Live.String() }

// A listed session is a row of the operators' list.
type listed struct{ handle, name string }

// A survey is what a recovered server has.
type survey struct {
	seen   map[string]sighting // by id
	listed []listed            // everything live
}

// judge holds what was found after a death against what was promised before. From
// then on what was found is the truth.
func (l *ledger) judge(d death, found survey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bury(d)
	j := &judge{ledger: l, death: d, yes: l.lastYes(), died: l.died(d)}
	for _, a := range l.gone {
		if a.ended > 0 {
			a.ended -= d.shift
		}
		j.past(a, found.seen[a.id])
	}
	for id, a := range l.accounts {
		if s := found.seen[id]; s.live() {
			j.live(a, s)
		} else {
			j.lost(a, s)
		}
	}
	j.strangers(found)
	l.rebase(d, found)
}

// bury takes back what was answered when the disk was cut off, and dates what got no
// answer.
func (l *ledger) bury(d death) {
	settle := func(o *op) {
		if o.earlier {
			return
		}
		if d.cut > 0 && o.answered > d.cut && (o.answer == refused || o.answer == later) {
			o.answer = none
		}
		if o.answer == none {
			o.answered = d.at
		}
	}
	for _, o := range l.asked {
		settle(o)
	}
	for _, a := range l.accounts {
		for _, o := range a.ops {
			settle(o)
		}
	}
}

// died is the instant from which W counts back. W grows with a commit that takes
// longer: what waits for its flush behind one is not durable yet.
func (l *ledger) died(d death) time.Duration {
	const intervals = 100 * time.Millisecond
	died := d.lastAct
	for _, a := range l.accounts {
		for _, o := range a.ops {
			if o.answer == none && o.verb != verbRefresh {
				died = min(died, o.asked-intervals+window)
			}
		}
	}
	for _, o := range l.asked {
		if o.answer == none && !o.earlier {
			died = min(died, o.asked-intervals+window)
		}
	}
	return died
}

// A judge is one judgement.
type judge struct {
	*ledger
	death
	yes  time.Duration // lastYes
	died time.Duration
}

// excuses reports whether an answer of a file that never took a write again may have
// been undone.
func (j *judge) excuses(o *op) bool { return j.faulty && !j.clean && o.answered >= j.yes }

func (j *judge) past(a *account, s sighting) {
	switch {
	case s.live():
		j.blame("P3", "%s was gone after an earlier recovery and is live again", a)
	case a.ended > 0 && s.to-a.ended < keepEnded-time.Minute && s.state != record.Ended.String() && !j.lossy && !j.forgets && s.state != "":
		j.blame("P3", "%s was ended %v ago; the server has forgotten that and says %q", a, s.to-a.ended, s.state)
	}
}

func (j *judge) live(a *account, s sighting) {
	for _, o := range a.ops {
		switch {
		case o.verb == verbEnd && o.answer == later && j.excuses(o):
			j.excused.UndoneEnds++
		case o.verb == verbEnd && (o.answer == yes || o.answer == later):
			j.blame("P3", "%s is live, but its end was answered %q %v before the server died", a, o.answer, j.at-o.answered)
		case o.verb != verbEnd && o.answer == no && !a.endAsked():
			j.blame("P3", "%s is live, but %s found that it had ended, %v before the server died", a, o.verb, j.at-o.answered)
		}
	}
	most := a.most() + slack - j.shift
	if o := a.longest(); o != nil && s.dueMin > most && j.excuses(o) {
		j.excused.DoneRefusals++
		most = max(most, o.answered+o.idle+slack-j.shift)
	}
	if s.from >= most || s.dueMin > most {
		j.blame("P4", "%s lives until %v; %v at most can have been promised, and it is %v: %s", a, s.dueMin, most, s.from, a.history())
	}
	j.early(a, s.dueMax)
	j.holds(a, s.name)
}

// early judges a deadline, or an end.
func (j *judge) early(a *account, due time.Duration) {
	if due >= a.least(j.promised)-slack-max(0, j.shift) {
		return
	}
	if j.faulty && due >= a.least(j.surely)-slack-max(0, j.shift) {
		j.excused.MissingRefreshes++
		return
	}
	promise := "P5"
	if due < a.least((*op).changes)-slack-max(0, j.shift) {
		promise = "P1" // a change is missing, not only refreshes
	}
	j.blame(promise, "%s ends at %v; it was promised to live until %v: %s", a, due, a.least(j.promised), a.history())
}

// promised reports whether an answer must be durable.
func (j *judge) promised(o *op) bool {
	return o.verb != verbRefresh || j.clean || o.answered <= j.died-window
}

// surely is promised where the file may have been detached: it took a write later.
func (j *judge) surely(o *op) bool {
	return o.verb != verbRefresh || o.answered <= j.yes-window
}

// holds judges the value of a live session.
func (j *judge) holds(a *account, name string) {
	may := a.values()
	if slices.Contains(may, name) {
		return
	}
	if o := j.asked[name]; o != nil && o.answer == refused && j.excuses(o) {
		j.excused.DoneRefusals++
		return
	}
	if o := j.asked[name]; o != nil && o.answer == refused {
		j.blame("P2", "%s holds %q, which was answered 503", a, name)
		return
	}
	j.blame("P1", "%s holds %q; want one of %q: %s", a, name, may, a.history())
}

// lost judges a session that is not there.
func (j *judge) lost(a *account, s sighting) {
	switch {
	case s.state == "" || j.lossy:
	case a.isLive():
		least := a.least(j.promised) - slack - max(0, j.shift)
		if s.to < least && a.endRefused() && s.state == record.Ended.String() {
			j.blame("P2", "%s has ended, but its end was answered 503: %s", a, a.history())
		} else if s.to < least && j.faulty && s.to >= a.least(j.surely)-slack {
			j.excused.MissingRefreshes++
		} else if s.to < least {
			j.blame("P1", "%s is lost %v before its deadline (%q, %q): %s", a, least-s.to, s.state, s.reason, a.history())
		}
	case a.endedAt() > 0 && s.state != record.Ended.String() && !j.forgets:
		j.blame("P3", "%s was ended; the server has forgotten that and says %q", a, s.state)
	}
}

// strangers judges what is live and was never issued: it may be a creation without an
// answer.
func (j *judge) strangers(found survey) {
	issued := map[string]bool{}
	for id := range j.accounts {
		issued[record.KeyOf(id).Handle().String()] = true
	}
	for _, s := range found.listed {
		o := j.asked[s.name]
		switch {
		case issued[s.handle]:
		case o == nil:
			j.blame("P7", "session %s of %q is live and was never issued", s.handle, s.name)
		case o.answer == refused && j.excuses(o):
			j.excused.DoneRefusals++
		case o.answer != none:
			j.blame("P2", "session %s of %q is live and was never issued: %s was answered %q", s.handle, s.name, o.verb, o.answer)
		}
	}
}

// rebase makes what was found the truth. Creations without an answer stay known: their
// sessions live on.
func (l *ledger) rebase(d death, found survey) {
	l.pool = l.pool[:0]
	for id, a := range l.accounts {
		s := found.seen[id]
		if !s.live() {
			if a.ended = a.endedAt(); a.ended > 0 {
				a.ended -= d.shift
			}
			l.gone = append(l.gone, a)
			delete(l.accounts, id)
			continue
		}
		a.born, a.ops = nil, nil
		a.name, a.idle, a.dueMin, a.dueMax = s.name, s.idle, s.dueMin, s.dueMax
		l.pool = append(l.pool, a)
	}
	l.gone = l.gone[max(0, len(l.gone)-maxGone):]
	for name, o := range l.asked {
		o.earlier = true
		if o.answer != none && o.answer != refused {
			delete(l.asked, name)
		}
	}
	for _, s := range found.listed {
		if o := l.asked[s.name]; o != nil {
			o.answer = none // it is there, excused or not
		}
	}
}
