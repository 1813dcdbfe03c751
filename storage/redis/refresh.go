package redis

import (
	"context"

	"pagesession/storage/record"
)

// near is how long before the absolute timeout could shorten the TTL a refresh begins to
// set it by a second command. It covers errors of the clock's estimate.
const near = 5000

// Refresh is Peek that also starts the idle timeout of a live session again: one GETEX. The
// idle timeout has to be known before, so there are two commands when this server sees the
// session for the first time, or another server has made the timeout longer; a GETEX is
// never sent with a timeout that is too long. Sessions whose timeout was made shorter take a
// script. Errors: record.ErrUnavailable, the context's.
func (s *Store) Refresh(ctx context.Context, k record.Key) (record.Record, error) {
	r, err := s.refresh(ctx, k)
	if err == nil && r.State == record.Live {
		s.tally.refreshes.Add(1)
	}
	return r, err
}

func (s *Store) refresh(ctx context.Context, k record.Key) (record.Record, error) {
	h, _, ok := s.known.get(&k)
	if !ok {
		v, err := s.read(ctx, &k)
		if err != nil || v.State != record.Live {
			return v.Record, err
		}
		h = v.head
		if h.form == byTTL && h.idle == 0 {
			return v.Record, nil // nothing to extend
		}
	}
	for range 4 {
		v, err := s.extend(ctx, &k, &h)
		if err != nil || v.State != record.Live {
			return v.Record, err
		}
		if v.head.form == timed && h.form == timed || v.head.form == byTTL && h.form == byTTL && v.head.idle == h.idle {
			return v.Record, nil
		}
		h = v.head // it was another timeout
	}
	return record.Record{}, errAway
}

// read reads the live value by GET.
func (s *Store) read(ctx context.Context, k *record.Key) (view, error) {
	name := s.name(kindLive, k.Handle())
	return s.valueOf(ctx, k, func(ctx context.Context) ([]byte, error) {
		return s.client.Do(ctx, s.client.B().Get().Key(name).Build()).AsBytes()
	})
}

// extend reads the live value and extends the session as its head says.
func (s *Store) extend(ctx context.Context, k *record.Key, h *head) (view, error) {
	switch {
	case h.form == timed:
		return s.touch(ctx, k)
	case h.idle == 0:
		return s.read(ctx, k)
	}
	name, idle, end := s.name(kindLive, k.Handle()), h.idle, h.deadline()
	if end == 0 || s.clock.now()+h.idle+near < end {
		return s.valueOf(ctx, k, func(ctx context.Context) ([]byte, error) { return s.getex(ctx, name, idle) })
	}
	return s.valueOf(ctx, k, func(ctx context.Context) ([]byte, error) { return s.getexUntil(ctx, name, idle, end) })
}

// getex sends the GETEX. Redis serves a key until the millisecond after its TTL, so the TTL
// is one less.
func (s *Store) getex(ctx context.Context, name string, idle int64) ([]byte, error) {
	return s.client.Do(ctx, s.client.B().Getex().Key(name).PxMilliseconds(max(1, idle-1)).Build()).AsBytes()
}

// getexUntil is getex that also limits the TTL to the absolute timeout.
func (s *Store) getexUntil(ctx context.Context, name string, idle, end int64) ([]byte, error) {
	answers := s.client.DoMulti(ctx,
		s.client.B().Getex().Key(name).PxMilliseconds(max(1, idle-1)).Build(),
		s.client.B().Pexpireat().Key(name).MillisecondsTimestamp(end-1).Lt().Build())
	if err := answers[1].Error(); err != nil {
		return nil, err
	}
	return answers[0].AsBytes()
}

// valueOf reads the live value by get, which may be repeated. Without one it asks why.
func (s *Store) valueOf(ctx context.Context, k *record.Key, get func(context.Context) ([]byte, error)) (view, error) {
	var b []byte
	err := s.do(ctx, tagOf(k.Handle()), func(ctx context.Context) (err error) {
		b, err = get(ctx)
		return err
	})
	if err != nil {
		return view{}, err
	}
	if b == nil {
		return s.look(ctx, k)
	}
	v, err := s.view(k, b, s.clock.now())
	switch {
	case err == nil && v.head.form == pending:
		return s.look(ctx, k)
	case err == nil && v.head.form == timed && v.State == record.Ended:
		return s.touch(ctx, k) // it removes the session
	}
	return v, err
}

// touch is extend for a session whose deadline stands in its value.
func (s *Store) touch(ctx context.Context, k *record.Key) (view, error) {
	a, err := s.runSession(ctx, s.scripts.touch, k, number(remembered))
	switch {
	case err != nil:
		return view{}, err
	case a.outcome == outcomeNone:
		return s.look(ctx, k)
	}
	return s.view(k, a.value, a.now)
}
