package redis

import (
	"context"

	"pagesession/storage/record"
)

// Peek returns what Redis knows of a key. A session that timed out has ended without a
// reason; see the package's Guarantees. Errors: record.ErrUnavailable, the context's.
func (s *Store) Peek(ctx context.Context, k record.Key) (record.Record, error) {
	v, err := s.look(ctx, &k)
	return v.Record, err
}

// A view is a Record with the head of the live value.
type view struct {
	record.Record
	head head
}

// look asks what is known of a key. A rotation that happened is finished on the way.
func (s *Store) look(ctx context.Context, k *record.Key) (view, error) {
	for range 3 {
		a, err := s.runSession(ctx, s.scripts.lookup, k)
		if err != nil {
			return view{}, err
		}
		if a.outcome == outcomeNone {
			s.known.forget(k)
			return view{Record: ended(a.value)}, nil
		}
		v, err := s.view(k, a.value, a.now)
		if err != nil {
			return view{}, err
		}
		if v.head.form != pending {
			v.shorten(a.left)
			return v, nil
		}
		happened, err := s.finish(ctx, &v.head)
		if err != nil || !happened {
			return view{}, err
		}
	}
	return view{}, errAway
}

// ended returns the Record of a key without a live session, by its tombstone; "": there is
// none.
func ended(tombstone []byte) record.Record {
	if len(tombstone) == 0 {
		return record.Record{}
	}
	return record.Record{State: record.Ended, Reason: record.Reason(tombstone[0])}
}

// view reads a live value as of an instant. For a key that is pending the Record is zero.
func (s *Store) view(k *record.Key, b []byte, now int64) (view, error) {
	h, content, err := parse(k.Handle(), b)
	if err != nil {
		return view{}, wrap(refusal, err)
	}
	if h.key != *k {
		return view{}, errForeign
	}
	if h.form == pending {
		return view{head: h}, nil
	}
	if why, expired := h.expired(now); expired {
		s.known.forget(k)
		return view{Record: record.Record{State: record.Ended, Reason: why}, head: h}, nil
	}
	memo := s.known.put(&h)
	return view{Record: h.record(content, memo, now), head: h}, nil
}

// record returns the Record of a live session that is used at this instant.
func (h *head) record(content []byte, memo any, now int64) record.Record {
	r := record.Record{
		State: record.Live, Value: string(content), Memo: memo, Version: uint64(h.version),
		Age: duration(max(0, now-h.created)), IdleTimeout: duration(h.idle),
	}
	left := h.idle
	if h.form == timed && h.idle > 0 {
		left = max(1, min(left, h.used+h.idle-now))
	}
	if end := h.deadline(); end > 0 {
		rest := max(1, end-now)
		r.AbsoluteRemaining = duration(rest)
		if left == 0 || rest < left {
			left = rest
		}
	}
	r.Remaining = duration(left)
	return r
}

// shorten takes into account what is left of the key itself, in milliseconds.
func (v *view) shorten(left int64) {
	if v.State == record.Live && v.head.form == byTTL && left > 0 && duration(left) < v.Remaining {
		v.Remaining = duration(left)
	}
}

// Memoize implements session.Memoizer. A memo is lost when other sessions need its room.
func (s *Store) Memoize(k record.Key, version uint64, memo any) {
	s.known.memoize(&k, uint32(version), memo)
}
