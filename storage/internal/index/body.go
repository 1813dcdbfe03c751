package index

import (
	"sync/atomic"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A Body is what a slot points to: 48 bytes, which Go allocates without a remainder.
// Only the count changes: a session with a new value gets a new Body. So readers may
// keep a Body for as long as they like.
type Body struct {
	Value   string
	Created int64
	rest    [16]byte // of the key, behind the handle
	// Refreshes is changed under the shard's lock, so that no count is lost when the
	// Body is replaced, and read without it.
	Refreshes atomic.Uint32
	subject   uint32 // number of its subject, see subjects; 0: none
}

// Key returns the key of the session, whose handle is in the slot.
func (b *Body) Key(h record.Handle) (k record.Key) {
	copy(k[:], h[:])
	copy(k[len(h):], b.rest[:])
	return k
}

func newBody(r *entry.Entry, subject uint32) *Body {
	b := &Body{Value: r.Value, Created: r.Created, subject: subject}
	copy(b.rest[:], r.Key[len(r.Key)-len(b.rest):])
	return b
}

// A memo is what Memoize was given for a version of a session. Few sessions have one,
// see session.Memoizer, so memos are in a map beside the table.
type memo struct {
	of   uint64 // the version, which is the number in the file
	what any
}

// memoOf returns the memo of a session, or nil if there is none. The caller holds the
// lock.
func (s *Shard) memoOf(e *Slot) any {
	if m := s.memos[e.Handle]; m.of == e.seq {
		return m.what
	}
	return nil
}

// Memoize keeps a memo until the session changes. It does nothing if the session has
// another version or is not live.
func (x *Index) Memoize(k *record.Key, version uint64, what any) {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	if e := s.live.find(&h); e == nil || e.seq != version {
		return
	}
	if s.memos == nil {
		s.memos = make(map[record.Handle]memo)
	}
	s.memos[h] = memo{version, what}
}
