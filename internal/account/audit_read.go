package account

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	pageLimit = 50
	mostLimit = 1000
	// mostLooked bounds the entries that one page reads, in a fifth of a second.
	mostLooked = 50_000
)

// Entries returns one page of the audit log, newest first. The caller checks ViewLogEntry.
// It reads at most 50,000 entries and then returns the matches so far; Older (or Newer)
// continues from there. Errors: ErrClosed, ErrUnavailable.
func (s *Store) Entries(_ context.Context, q EntryQuery) (page EntryPage, err error) {
	if q.Limit <= 0 {
		q.Limit = pageLimit
	}
	q.Limit = min(q.Limit, mostLimit)
	if s.down != nil {
		return EntryPage{}, s.down
	}
	err = guarded(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			page, err = entries(tx, q, s.cfg.look)
			return err
		})
	}, func(why error) error { return fmt.Errorf("%w: read the audit log: %w", ErrUnavailable, why) })
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return EntryPage{}, ErrClosed
	}
	return page, err
}

// entries asks for one entry more than wanted, to know whether there is another page.
func entries(tx *bolt.Tx, q EntryQuery, look int) (EntryPage, error) {
	w, up := newWalk(tx, q, look), q.After > 0
	found, err := w.collect(up, q.Limit+1)
	if err != nil {
		return EntryPage{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	onward := w.gaveUp // where the next page in this direction begins
	if len(found) > q.Limit {
		found = found[:q.Limit]
		onward = found[q.Limit-1].Seq
	}
	if up {
		slices.Reverse(found)
		return EntryPage{Entries: found, Newer: onward, Older: edge(found, len(found)-1)}, nil
	}
	page := EntryPage{Entries: found, Older: onward}
	if q.Before > 0 {
		page.Newer = edge(found, 0)
	}
	return page, nil
}

// edge returns the Seq of entry i of a page, or 0 if the page is empty.
func edge(found []Entry, i int) uint64 {
	if len(found) == 0 {
		return 0
	}
	return found[i].Seq
}

// A walk goes through the entries that may match, by the most selective index or by the
// entries themselves.
type walk struct {
	q       EntryQuery
	entries *bolt.Bucket
	cursor  *bolt.Cursor
	prefix  []byte
	looked  int    // entries read so far
	most    int    // bound of looked
	gaveUp  uint64 // the last entry that was read, if the bound ended the walk
}

func newWalk(tx *bolt.Tx, q EntryQuery, look int) *walk {
	w := &walk{q: q, most: look, entries: tx.Bucket(entriesBucket), prefix: q.index()}
	bucket := w.entries
	if w.prefix != nil {
		bucket = tx.Bucket(indexBucket)
	}
	w.cursor = bucket.Cursor()
	return w
}

// index returns the prefix of the index to walk by, or nil to walk through all entries.
// With a time it is often nil, since skipping by time is cheaper than a lookup for each
// entry of an index.
func (q EntryQuery) index() []byte {
	timed := !q.From.IsZero() || !q.To.IsZero()
	switch {
	case q.ObjectID != "" && q.Kind != "":
		return byObject(q.Kind, q.ObjectID)
	case q.ActorID != 0:
		return byActor(q.ActorID)
	case timed:
		return nil
	case q.Action != "":
		return byAction(q.Action)
	case q.Kind != "":
		return byKind(q.Kind)
	default:
		return nil
	}
}

// collect returns up to n matching entries in the order of the walk: up from After, or down
// from Before.
func (w *walk) collect(up bool, n int) ([]Entry, error) {
	var found []Entry
	step := w.cursor.Prev
	if up {
		step = w.cursor.Next
	}
	for k, v := w.start(up); w.inside(k) && len(found) < n; k, v = step() {
		seq := number(k[len(w.prefix):])
		e, ok, err := w.read(seq, v)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, e)
		}
		if w.looked >= w.most {
			w.gaveUp = seq
			break
		}
	}
	return found, nil
}

func (w *walk) inside(k []byte) bool { return k != nil && bytes.HasPrefix(k, w.prefix) }

// start returns the first key after After, or the last one before Before.
func (w *walk) start(up bool) (k, v []byte) {
	at := w.q.Before
	if up {
		at = w.q.After + 1
	} else if at == 0 {
		at = ^uint64(0)
	}
	k, v = w.cursor.Seek(append(bytes.Clone(w.prefix), key(at)...))
	if up {
		return k, v
	}
	if k == nil {
		return w.cursor.Last()
	}
	return w.cursor.Prev()
}

// read returns the entry if it matches. It checks the time first, which needs no decoding.
// b is the value if the walk goes through the entries themselves.
func (w *walk) read(seq uint64, b []byte) (Entry, bool, error) {
	if w.prefix != nil {
		b = w.entries.Get(key(seq))
		w.looked++
	}
	if len(b) < 8 {
		return Entry{}, false, fmt.Errorf("audit entry %d is too short", seq)
	}
	at := timeOf(b)
	if at.Before(w.q.From) || !w.q.To.IsZero() && !at.Before(w.q.To) {
		return Entry{}, false, nil
	}
	if w.prefix == nil {
		w.looked++
	}
	e, err := decodeEntry(seq, b)
	return e, err == nil && w.q.matches(e), err
}

func (q EntryQuery) matches(e Entry) bool {
	return (q.ActorID == 0 || e.Actor.UserID == q.ActorID) &&
		(q.Action == "" || e.Action == q.Action) &&
		(q.Kind == "" || e.Kind == q.Kind) &&
		(q.ObjectID == "" || e.ObjectID == q.ObjectID) &&
		(q.Object == "" || e.Object == q.Object)
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
