//go:build linux

package promises

import (
	"pagesession/storage/record"
)

// everything asks a server for every id of the ledger, and lists what it has, whatever
// the arena's own servers can do.
func (a *arena) everything(s *server) (survey, error) {
	before := a.unlisted
	a.unlisted = false
	defer func() { a.unlisted = before }()
	return a.survey(s)
}

// judgeRestored judges what a server has that started on a backup.
func (a *arena) judgeRestored(b *backup, found survey) {
	l := a.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, row := range found.listed {
		l.blame("P13", "session %s of %q of a restored backup is live", row.handle, row.name)
	}
	for id, s := range found.seen {
		if s.live() {
			l.blame("P13", "%s of a restored backup is live", &account{id: id})
		}
	}
	l.oneMoment(b, found)
}

// A fact is a creation or an end that was asked for, and whether a backup has it.
type fact struct {
	*op
	of  *account
	has bool
}

// oneMoment judges that a backup is what the file was at one moment between question and
// answer. If it has one fact, it has each that was answered before that was asked.
func (l *ledger) oneMoment(b *backup, found survey) {
	facts := l.facts(found)
	since := b.asked // what was answered before this is there
	for _, f := range facts {
		if f.has && f.asked > b.answered {
			l.blame("P13", "a backup has a %s that was asked %v after it was answered: %s", f.verb, f.asked-b.answered, f.of)
		}
		if f.has {
			since = max(since, f.asked)
		}
	}
	for _, f := range facts {
		if !f.has && f.answer == yes && f.answered < since {
			l.blame("P13", "a backup lacks the %s of %s, answered %v before something that it has: %s", f.verb, f.of, since-f.answered, f.of.history())
		}
	}
}

// facts are the creations and ends of this run of which a backup's state tells whether it
// has them. A session that expired meanwhile tells nothing of its end.
func (l *ledger) facts(found survey) (all []fact) {
	for id, a := range l.accounts {
		s, seen := found.seen[id]
		if !seen || s.state == "" {
			continue
		}
		created := s.state != record.None.String()
		if a.born == nil {
			all = append(all, fact{&op{verb: verbCreate, answer: yes}, a, created})
		} else {
			all = append(all, fact{a.born, a, created})
		}
		deleted := s.reason == record.Deleted.String()
		if !deleted && s.reason != record.Revoked.String() && created {
			continue
		}
		if end := a.onlyEnd(); end != nil {
			all = append(all, fact{end, a, deleted})
		} else if deleted && !a.endAsked() {
			l.blame("P13", "a backup has an end of %s that was never asked", a)
		}
	}
	return all
}

// onlyEnd is the end that was asked for; nil where there were several or none.
func (a *account) onlyEnd() (end *op) {
	for _, o := range a.ops {
		if o.verb != verbEnd {
			continue
		}
		if end != nil {
			return nil
		}
		end = o
	}
	return end
}
