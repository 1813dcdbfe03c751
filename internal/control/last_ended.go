package control

import (
	"slices"
	"strings"
	"sync"
	"time"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage/record"
)

// Bounds of LastEnded.
const (
	lastEndedFor   = 10 * time.Minute
	mostLastEnded  = 10_000 // some megabytes
	mostOfOneEnd   = 1_000  // of one EndMatching, so that those of other ends stay
	mostTracedName = 200    // characters of a name
)

// LastEnded remembers whose sessions operators have ended in the last ten minutes, so that a
// mistake can be traced. It is in the memory of one server. The nil LastEnded remembers nothing.
// It is safe for concurrent use.
type LastEnded struct {
	now func() time.Time

	mu  sync.Mutex  // protects what follows
	all []EndedOf   // the oldest first
	due *time.Timer // forgets the oldest; nil: there are none
}

// An EndedOf is one of them.
type EndedOf struct {
	Handle  record.Handle
	Name    string // value "name" of the session
	Address string
	By      string // the operator's name
	At      time.Time
}

// NewLastEnded returns an empty LastEnded.
func NewLastEnded(now func() time.Time) *LastEnded { return &LastEnded{now: now} }

// add remembers sessions by their last live rows.
func (l *LastEnded) add(by account.Actor, rows ...record.Row) {
	if l == nil || len(rows) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.now()
	for _, row := range rows {
		info, _ := session.Describe(row.Value) // values that cannot be decoded have no name
		name := []rune(info.Values.String("name"))
		l.all = append(l.all, EndedOf{row.Handle, string(name[:min(len(name), mostTracedName)]), strings.Clone(info.Address), by.Name, at})
	}
	l.all = slices.Delete(l.all, 0, max(0, len(l.all)-mostLastEnded))
	l.forget()
}

// forget drops what is too old, and sets the timer for the next. The caller holds the lock.
func (l *LastEnded) forget() {
	before := l.now().Add(-lastEndedFor)
	l.all = slices.DeleteFunc(l.all, func(e EndedOf) bool { return !e.At.After(before) })
	if l.due != nil {
		l.due.Stop()
	}
	if l.due = nil; len(l.all) > 0 {
		l.due = time.AfterFunc(l.all[0].At.Sub(before), l.lapse)
	}
}

func (l *LastEnded) lapse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
}

// List returns all, the newest first.
func (l *LastEnded) List() []EndedOf {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	all := slices.Clone(l.all)
	slices.Reverse(all)
	return all
}

// Of returns one of them; false if it is not known.
func (l *LastEnded) Of(h record.Handle) (EndedOf, bool) {
	for _, e := range l.List() {
		if e.Handle == h {
			return e, true
		}
	}
	return EndedOf{}, false
}

// erase forgets a person: a visitor by the name or the session, an operator by the name.
func (l *LastEnded) erase(p Person) (n int) {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = slices.DeleteFunc(l.all, func(e EndedOf) bool {
		is := p.Name != "" && e.Name == p.Name || p.Session != "" && strings.HasPrefix(e.Handle.String(), strings.ToLower(p.Session))
		if is {
			n++
		}
		return is
	})
	for i := range l.all {
		if p.Username != "" && strings.EqualFold(l.all[i].By, p.Username) {
			l.all[i].By = ""
		}
	}
	return n
}
