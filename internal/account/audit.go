package account

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// retention is how many entries the audit log keeps.
type retention struct {
	entries, failures uint64
}

// longestText is the length to which texts of an entry are cut, in bytes.
const longestText = 300

// wasCut ends a text that was cut.
const wasCut = "…"

// cutText returns text cut to longestText, as valid UTF-8, with wasCut at its end.
func cutText(text string) string {
	if len(text) <= longestText {
		return strings.ToValidUTF8(text, "")
	}
	return strings.ToValidUTF8(text[:longestText-len(wasCut)], "") + wasCut
}

// bounded returns the entry with its texts cut, so a million entries fit.
func (e Entry) bounded() Entry {
	e.Actor.Name, e.Actor.Address = cutText(e.Actor.Name), cutText(e.Actor.Address)
	e.ObjectID, e.Object = cutText(e.ObjectID), cutText(e.Object)
	e.Changes = slices.Clone(e.Changes)
	for i := range e.Changes {
		e.Changes[i] = e.Changes[i].bounded()
	}
	return e
}

// bounded returns the change with its values cut. Of To it says how many characters are left out.
func (one Change) bounded() Change {
	whole := one.To
	one.From, one.To = cutText(one.From), cutText(one.To)
	if len(whole) > longestText {
		one.More += utf8.RuneCountInString(whole) - utf8.RuneCountInString(strings.TrimSuffix(one.To, wasCut))
	}
	return one
}

// Audit appends entries for actions that the caller has done. They are durable when it
// returns nil; on an error none is appended. Errors: ErrActor, ErrFull, ErrUnavailable,
// ErrClosed.
func (s *Store) Audit(ctx context.Context, actor Actor, events ...Event) error {
	if !actor.complete() {
		return ErrActor
	}
	return s.log(ctx, actor, events...)
}

// log appends entries also if the actor has lost their permissions in the meantime.
func (s *Store) log(ctx context.Context, actor Actor, events ...Event) error {
	return s.change(ctx, trusted, "", func(c *change) error {
		c.actor = actor
		for _, e := range events {
			c.audit(e)
		}
		return nil
	})
}

// audit appends an entry about what the actor does now.
func (c *change) audit(done Event) {
	c.append(Entry{At: c.at, Actor: c.actor, Event: done})
}

// append appends an entry with a new Seq, and removes the oldest ones beyond retention.
func (c *change) append(e Entry) {
	e.Seq = c.newID("entries")
	e = c.withoutErased(e)
	e.Actor.Address = c.kept.Text(e.Actor.Address)
	e.Event = e.withAddresses(c.kept)
	c.exec(entriesTable.insert(1), entryRow(e.bounded())...)
	c.trim(e)
}

// failures are the actions whose entries an attacker can cause.
var failures = [...]Action{ActionSignInFailed, ActionThrottled}

// trim deletes the entries that e pushes out. To find the oldest failure means to count
// them all, so it looks only when they may be a hundredth too many.
func (c *change) trim(e Entry) {
	if slices.Contains(failures[:], e.Action) && e.Seq%(c.keep.failures/100+1) == 0 {
		c.exec(`DELETE FROM entries WHERE action = $1 AND id <= (SELECT id FROM entries WHERE action = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)`,
			e.Action, c.keep.failures)
	}
	c.exec("DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE id <= $1 ORDER BY id LIMIT $2)",
		int64(e.Seq)-int64(c.keep.entries), mostTrimmed)
}

// mostTrimmed bounds what one entry pushes out, so a counter that is damaged does not
// empty the log.
const mostTrimmed = 2

// mostWaiting bounds the entries that wait for room on the disk. Half of them may be about
// failures, which an attacker can cause.
const mostWaiting = 1000

// await keeps an entry about a sign-in in memory until it can be written. A crash loses it.
func (s *Store) await(actor Actor, done Event, at time.Time) {
	s.unwritten.Lock()
	defer s.unwritten.Unlock()
	most := mostWaiting
	if slices.Contains(failures[:], done.Action) {
		most /= 2
	}
	if len(s.unwritten.entries) < most {
		s.unwritten.entries = append(s.unwritten.entries, Entry{At: at, Actor: actor, Event: done})
		return
	}
	s.cfg.Logger.Warn("the disk is full, and an entry of the audit log is lost", slog.String("action", string(done.Action)), slog.String("object", done.Object))
}

// writeWaiting writes the entries that wait, the last sign-ins and the wrong codes that they
// are about, and the codes that were used in them.
func (s *Store) writeWaiting(ctx context.Context) {
	s.unwritten.Lock()
	defer s.unwritten.Unlock()
	used := s.spent.unwritten()
	if len(s.unwritten.entries) == 0 && len(used) == 0 {
		return
	}
	err := s.change(ctx, trusted, "", func(c *change) error {
		for _, e := range s.unwritten.entries {
			c.append(e)
			c.catchUp(e)
		}
		for _, write := range used {
			write(c)
		}
		return nil
	})
	if err == nil {
		s.unwritten.entries = nil
		s.spent.written(used)
	}
}

// catchUp writes to the user what an entry says that has waited.
func (c *change) catchUp(e Entry) {
	switch {
	case e.Action == ActionSignIn:
		c.signedIn(e.Actor.UserID, e.At)
	case slices.Contains(e.Fields, FieldSecondFactor):
		if user, err := strconv.ParseUint(e.ObjectID, 10, 64); err == nil {
			c.countWrongCode(user)
		}
	}
}
