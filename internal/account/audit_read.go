package account

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	pageLimit = 50
	mostLimit = 1000
)

// Entries returns one page of the audit log, newest first. Whoever calls has
// seen to it that the reader has ViewLogEntry, or that it is about himself.
// One that finds little in a full log takes some 100 ms. Errors: ErrClosed,
// ErrUnavailable.
func (s *Store) Entries(q EntryQuery) (page EntryPage, err error) {
	if q.Limit <= 0 {
		q.Limit = pageLimit
	}
	q.Limit = min(q.Limit, mostLimit)
	defer func() {
		if r := recover(); r != nil { // a damaged page
			err = fmt.Errorf("%w: read the audit log: %v", ErrUnavailable, r)
		}
	}()
	err = s.db.View(func(tx *bolt.Tx) error {
		page, err = entries(tx, q)
		return err
	})
	if err == berrors.ErrDatabaseNotOpen {
		return EntryPage{}, ErrClosed
	}
	return page, err
}

// entries asks for one more than is wanted, to know whether there is one.
func entries(tx *bolt.Tx, q EntryQuery) (EntryPage, error) {
	w := newWalk(tx, q)
	found, err := w.collect(q.After > 0, q.Limit+1)
	if err != nil {
		return EntryPage{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	more := len(found) > q.Limit
	found = found[:min(len(found), q.Limit)]
	if q.After > 0 {
		slices.Reverse(found)
	}
	page := EntryPage{Entries: found}
	if len(found) == 0 {
		return page, nil
	}
	if older := found[len(found)-1].Seq; more && q.After == 0 || q.After > 0 {
		page.Older = older
	}
	if newer := found[0].Seq; more && q.After > 0 || q.After == 0 && q.Before > 0 {
		page.Newer = newer
	}
	return page, nil
}

// A walk goes through the entries that may match, by the index that leaves
// fewest, or by the entries themselves.
type walk struct {
	q       EntryQuery
	entries *bolt.Bucket
	cursor  *bolt.Cursor
	prefix  []byte
}

func newWalk(tx *bolt.Tx, q EntryQuery) *walk {
	w := &walk{q: q, entries: tx.Bucket(entriesBucket)}
	switch {
	case q.ObjectID != "" && q.Kind != "":
		w.prefix = byObject(q.Kind, q.ObjectID)
	case q.ActorID != 0:
		w.prefix = byActor(q.ActorID)
	case q.Action != "":
		w.prefix = byAction(q.Action)
	case q.Kind != "":
		w.prefix = byKind(q.Kind)
	}
	bucket := w.entries
	if w.prefix != nil {
		bucket = tx.Bucket(indexBucket)
	}
	w.cursor = bucket.Cursor()
	return w
}

// collect returns up to n entries in the order of the walk: up from After, or
// down from Before.
func (w *walk) collect(up bool, n int) ([]Entry, error) {
	var found []Entry
	step := w.cursor.Prev
	if up {
		step = w.cursor.Next
	}
	for k := w.start(up); w.inside(k) && len(found) < n; k, _ = step() {
		seq := number(k[len(w.prefix):])
		e, ok, err := w.read(seq)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, e)
		}
	}
	return found, nil
}

func (w *walk) inside(k []byte) bool { return k != nil && bytes.HasPrefix(k, w.prefix) }

// start is the first key after After, or the last one before Before.
func (w *walk) start(up bool) []byte {
	at := w.q.Before
	if up {
		at = w.q.After + 1
	} else if at == 0 {
		at = ^uint64(0)
	}
	k, _ := w.cursor.Seek(append(bytes.Clone(w.prefix), key(at)...))
	if up {
		return k
	}
	if k == nil {
		k, _ = w.cursor.Last()
	} else {
		k, _ = w.cursor.Prev()
	}
	return k
}

// read returns the entry if it matches. Its time is looked at first: that is
// cheap.
func (w *walk) read(seq uint64) (Entry, bool, error) {
	b := w.entries.Get(key(seq))
	if len(b) < 8 {
		return Entry{}, false, fmt.Errorf("entry %d is cut short", seq)
	}
	at := timeOf(b)
	if at.Before(w.q.From) || !w.q.To.IsZero() && !at.Before(w.q.To) {
		return Entry{}, false, nil
	}
	e, err := decodeEntry(seq, b)
	return e, err == nil && w.q.matches(e), err
}

func (q EntryQuery) matches(e Entry) bool {
	return (q.ActorID == 0 || e.Actor.UserID == q.ActorID) &&
		(q.Action == "" || e.Action == q.Action) &&
		(q.Kind == "" || e.Kind == q.Kind) &&
		(q.ObjectID == "" || e.ObjectID == q.ObjectID)
}

// History returns what happened to one user or group, newest first: Entries by
// its kind and id.
func (s *Store) History(kind Kind, id uint64, before uint64) (EntryPage, error) {
	return s.Entries(EntryQuery{Kind: kind, ObjectID: strconv.FormatUint(id, 10), Before: before})
}

// Recent returns the newest n changes that a user made, without his logins:
// the console's "recent actions". It looks no further back than 1,000 entries.
func (s *Store) Recent(userID uint64, n int) ([]Entry, error) {
	page, err := s.Entries(EntryQuery{ActorID: userID, Limit: mostLimit})
	if err != nil {
		return nil, err
	}
	changes := slices.DeleteFunc(page.Entries, func(e Entry) bool { return !e.Action.changes() })
	return changes[:min(len(changes), max(n, 0))], nil
}

// changes tells what is about others' things from coming and going.
func (a Action) changes() bool {
	switch a {
	case ActionLogin, ActionLoginFailed, ActionThrottled, ActionLogout:
		return false
	default:
		return true
	}
}
