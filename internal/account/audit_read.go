package account

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	pageLimit = 50
	mostLimit = 1000
	// mostLooked bounds the entries that one page looks at, so it takes some milliseconds.
	mostLooked = 50_000
)

// Entries returns one page of the audit log, newest first. The caller checks ViewLogEntry.
// It looks at 50,000 entries at most and then returns the matches so far; Older (or Newer)
// continues from there. Errors: ErrUnavailable, ErrClosed.
func (s *Store) Entries(ctx context.Context, q EntryQuery) (EntryPage, error) {
	if q.Limit <= 0 {
		q.Limit = pageLimit
	}
	q.Limit = min(q.Limit, mostLimit)
	return read(ctx, s, func(t tx) EntryPage { return t.entryPage(q, s.cfg.look) })
}

// entryPage asks for one entry more than wanted, to know whether there is another page.
func (t tx) entryPage(q EntryQuery, look int) EntryPage {
	w := t.window(q, look)
	q.filter(&w.where)
	found := t.entries(w.where, w.order, q.Limit+1)
	onward, back := w.last, uint64(0) // where the next pages in this direction and in the other one begin
	if len(found) > q.Limit {
		found = found[:q.Limit]
		onward = found[q.Limit-1].Seq
	}
	if len(found) > 0 {
		back = found[0].Seq
	}
	switch {
	case q.After > 0:
		slices.Reverse(found)
		return EntryPage{Entries: found, Newer: onward, Older: back}
	case q.Before > 0:
		return EntryPage{Entries: found, Older: onward, Newer: back}
	}
	return EntryPage{Entries: found, Older: onward}
}

// A where is a list of conditions with their arguments, all of which must hold.
type where struct {
	conditions []string
	args       []any
}

// add adds a condition with %d in the place of its argument's number.
func (w *where) add(condition string, arg any) {
	w.args = append(w.args, arg)
	w.conditions = append(w.conditions, fmt.Sprintf(condition, len(w.args)))
}

func (w where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(w.conditions, " AND ")
}

// A window is a part of the audit log that one page looks at.
type window struct {
	where
	order string
	last  uint64 // the last entry of the window; 0 if nothing is behind it
}

// window returns the entries from Before (or After) on that match one indexed field, at
// most look of them.
func (t tx) window(q EntryQuery, look int) (w window) {
	end := "id >= $%d"
	w.order = "ORDER BY id DESC"
	q.indexed().filter(&w.where)
	if q.After > 0 {
		w.order, end = "ORDER BY id", "id <= $%d"
		w.add("id > $%d", q.After)
	}
	if q.Before > 0 {
		w.add("id < $%d", q.Before)
	}
	q.narrow(&w.where)
	w.last = t.id(fmt.Sprintf("SELECT id FROM entries %v %s LIMIT 1 OFFSET %d", w.where, w.order, look-1), w.args...)
	if w.last > 0 {
		w.add(end, w.last)
	}
	return w
}

// id returns the id that a query finds, or 0.
func (t tx) id(query string, args ...any) uint64 { return value[uint64](t, query, args...) }

// indexed returns a query for the most selective field that has an index.
func (q EntryQuery) indexed() EntryQuery {
	switch {
	case q.ObjectID != "" && q.Kind != "":
		return EntryQuery{Kind: q.Kind, ObjectID: q.ObjectID}
	case q.ActorID != 0:
		return EntryQuery{ActorID: q.ActorID}
	case q.Action != "":
		return EntryQuery{Action: q.Action}
	}
	return EntryQuery{Kind: q.Kind}
}

// narrow adds the ids that belong to the times. Times of entries grow with their ids, except
// where someone set the clock back.
func (q EntryQuery) narrow(w *where) {
	if !q.From.IsZero() {
		w.add("id >= coalesce((SELECT id FROM entries WHERE at >= $%d ORDER BY at, id LIMIT 1), 9223372036854775807)", q.From)
	}
	if !q.To.IsZero() {
		w.add("id <= coalesce((SELECT id FROM entries WHERE at < $%d ORDER BY at DESC, id DESC LIMIT 1), 0)", q.To)
	}
}

// filter adds the conditions on all fields that are set.
func (q EntryQuery) filter(w *where) {
	for _, field := range []struct {
		condition string
		value     any
	}{
		{"action = $%d", q.Action}, {"kind = $%d", q.Kind}, {"object_id = $%d", q.ObjectID}, {"object = $%d", q.Object},
		{"actor_id = $%d", q.ActorID}, {"actor = $%d", q.Actor}, {"via = $%d", q.Via}, {"at >= $%d", q.From}, {"at < $%d", q.To},
	} {
		if !reflect.ValueOf(field.value).IsZero() {
			w.add(field.condition, field.value)
		}
	}
}

// entries returns up to limit entries.
func (t tx) entries(w where, order string, limit int) (found []Entry) {
	query := fmt.Sprintf(`SELECT %s FROM entries %v %s LIMIT %d`, entryColumns, w, order, limit)
	t.each(query, w.args, func(scan func(...any)) {
		var e Entry
		var at int64
		var fields string
		scan(&e.Seq, &at, &e.Actor.UserID, &e.Actor.Name, &e.Actor.Address, &e.Actor.Via, &e.Action, &e.Kind, &e.ObjectID, &e.Object, &fields, &e.Count)
		e.At = time.UnixMicro(at).UTC()
		e.readFields(fields)
		found = append(found, e)
	})
	return found
}

// History returns the entries about one user or group, newest first. before is
// EntryQuery.Before. Errors as Entries.
func (s *Store) History(ctx context.Context, kind Kind, id uint64, before uint64) (EntryPage, error) {
	return s.Entries(ctx, EntryQuery{Kind: kind, ObjectID: strconv.FormatUint(id, 10), Before: before})
}

// Recent returns the newest n changes by a user, without sign-ins and sign-outs. It looks
// back over at most 1,000 entries. Errors as Entries.
func (s *Store) Recent(ctx context.Context, userID uint64, n int) ([]Entry, error) {
	page, err := s.Entries(ctx, EntryQuery{ActorID: userID, Limit: mostLimit})
	if err != nil {
		return nil, err
	}
	changes := slices.DeleteFunc(page.Entries, func(e Entry) bool { return !e.Action.changes() })
	return changes[:min(len(changes), max(n, 0))], nil
}

// changes reports whether the action is a change, and not a sign-in or a sign-out.
func (a Action) changes() bool {
	return !slices.Contains([]Action{ActionSignIn, ActionSignInFailed, ActionThrottled, ActionSignOut}, a)
}
