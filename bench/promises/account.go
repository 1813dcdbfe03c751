//go:build linux

package promises

import (
	"fmt"
	"strings"
	"time"

	"pagesession/storage/record"
)

// String names the session without its id.
func (a *account) String() string { return "session " + record.KeyOf(a.id).Handle().Fingerprint() }

// history is what was asked of it, for a fault.
func (a *account) history() string {
	var text []string
	if a.born == nil {
		text = append(text, fmt.Sprintf("seen until %v", a.dueMax))
	}
	for _, o := range a.ops {
		text = append(text, fmt.Sprintf("%s %v-%v %q", o.verb, o.asked, o.answered, o.answer))
	}
	return strings.Join(text, ", ")
}

// isLive reports whether the session must be live unless it has expired.
func (a *account) isLive() bool {
	for _, o := range a.ops {
		if o.verb == verbEnd && o.answer != refused {
			return false
		}
	}
	return true
}

// endAsked reports whether an end was asked for.
func (a *account) endAsked() bool {
	for _, o := range a.ops {
		if o.verb == verbEnd {
			return true
		}
	}
	return false
}

// endRefused reports whether an end was asked for and refused.
func (a *account) endRefused() bool {
	for _, o := range a.ops {
		if o.verb == verbEnd && o.answer == refused {
			return true
		}
	}
	return false
}

// endedAt is when its end was answered with yes; 0: never.
func (a *account) endedAt() time.Duration {
	for _, o := range a.ops {
		if o.verb == verbEnd && o.answer == yes {
			return o.answered
		}
	}
	return 0
}

// idles are the shortest and the longest idle timeout that it may have.
func (a *account) idles() (least, most time.Duration) {
	least, most = a.idle, a.idle
	for _, o := range a.ops {
		if o.verb == verbTimeout && o.maybe() {
			least, most = min(least, o.idle), max(most, o.idle)
		}
	}
	return least, most
}

// least is the deadline that was promised: every yes that is durable counts.
func (a *account) least(durable func(*op) bool) time.Duration {
	due, known := a.dueMin, a.born == nil
	idle, _ := a.idles()
	for _, o := range a.ops {
		if o.verb != verbEnd && o.answer == yes && durable(o) {
			due, known = max(due, o.asked+idle), true
		}
	}
	if a.dueMin > 0 && idle < a.idle { // a shorter timeout was asked for
		due = min(due, a.dueMin-a.idle+idle)
	}
	if !known {
		return 0
	}
	return due
}

// most is the latest deadline that anything asked for can have given it. A change that
// was refused has touched it, and so has one that lost against an end.
func (a *account) most() time.Duration {
	due := a.dueMax
	_, idle := a.idles()
	for _, o := range a.ops {
		if o.verb != verbEnd && (o.answer != no || o.changes()) {
			due = max(due, o.answered+idle)
		}
	}
	return due
}

// longest is the refused change of the timeout that wanted the longest; nil without one.
func (a *account) longest() (longest *op) {
	for _, o := range a.ops {
		if o.verb == verbTimeout && o.answer == refused && (longest == nil || o.idle > longest.idle) {
			longest = o
		}
	}
	return longest
}

// values are the names that it may have: whatever was written, unless a later change
// was asked after it had been answered, and answered with yes as well.
func (a *account) values() []string {
	var writes []*op
	if a.born == nil {
		writes = append(writes, &op{name: a.name, answer: yes})
	}
	for _, o := range a.ops {
		if o.verb == verbCreate || o.verb == verbRename {
			writes = append(writes, o)
		}
	}
	var may []string
	for _, w := range writes {
		if w.maybe() && !overwritten(w, writes) {
			may = append(may, w.name)
		}
	}
	return may
}

// overwritten reports whether a later write took a write's place.
func overwritten(w *op, writes []*op) bool {
	for _, o := range writes {
		if o.answer == yes && o.asked > w.answered {
			return true
		}
	}
	return false
}
