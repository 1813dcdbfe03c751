package redis

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"pagesession/storage/record"
)

// atOnce is how many commands a call about many sessions has under way. rueidis sends them
// together.
const atOnce = 64

// each calls do for the numbers below n, several at once. It returns the first error, and
// then begins no further one.
func (s *Store) each(ctx context.Context, n int, do func(context.Context, int) error) error {
	return s.eachOf(ctx, n, atOnce, do)
}

// eachOf is each that says how many at once.
func (s *Store) eachOf(ctx context.Context, n, atOnce int, do func(context.Context, int) error) error {
	var all sync.WaitGroup
	var next atomic.Int64
	var once sync.Once
	var first error
	for range min(n, atOnce) {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(ctx, i); err != nil {
					once.Do(func() { first = err })
					next.Store(int64(n))
					return
				}
			}
		})
	}
	all.Wait()
	return first
}

// mostMoves bounds how many rotations of one session EndSubject follows.
const mostMoves = 10000

// EndSubject ends the live sessions of a subject that were created before the call, except
// those whose keys are in except, and returns how many. It follows a session that is
// rotated meanwhile to its new key. Errors: record.ErrNotDurable (see Config.Replicas: all
// have ended), record.ErrUnavailable and the context's, when some may have ended.
func (s *Store) EndSubject(ctx context.Context, subject string, why record.Reason, except ...record.Key) (int, error) {
	if err := ctx.Err(); err != nil || subject == "" {
		return 0, err
	}
	until := s.clock.now()
	list, err := s.entries(ctx, subject)
	if err != nil {
		return 0, err
	}
	list = slices.DeleteFunc(list, func(e entry) bool { return slices.Contains(except, e.key) })
	return s.count(ctx, len(list), func(ctx context.Context, i int) (bool, error) {
		return s.pursue(ctx, list[i].key, why, condition{subject: subject, until: until})
	})
}

// pursue ends a session under the key that it has now.
func (s *Store) pursue(ctx context.Context, k record.Key, why record.Reason, only condition) (bool, error) {
	for range mostMoves {
		a, err := s.endOne(ctx, &k, why, &only)
		switch {
		case err != nil:
			return false, err
		case a.outcome == outcomeDone:
			return !s.hadExpired(&k, &a), s.replicated(ctx, k.Handle())
		}
		if k, err = s.next(ctx, k, &a, &only); err != nil || k == (record.Key{}) {
			return false, err
		}
	}
	return false, errAway
}

// next returns the key under which a session may be live that was not live under k, or the
// zero Key. If k is the new key of a rotation, the old one may have left the subject's set
// already, so it asks whether the rotation happened. If it did not, the old key is there.
func (s *Store) next(ctx context.Context, k record.Key, a *answer, only *condition) (record.Key, error) {
	if a.outcome == outcomePending {
		h, _, err := parse(k.Handle(), a.value)
		if err != nil {
			return record.Key{}, wrap(refusal, err)
		}
		only.moved, err = s.finish(ctx, &h)
		if !only.moved {
			return record.Key{}, err
		}
		return k, err
	}
	to, ok := successor(a.value)
	only.moved = only.moved || ok
	return to, nil
}

// count runs each with ends and counts the sessions that were live. ErrNotDurable does
// not stop it.
func (s *Store) count(ctx context.Context, n int, end func(context.Context, int) (bool, error)) (int, error) {
	var ended atomic.Int64
	var volatile atomic.Bool
	err := s.each(ctx, n, func(ctx context.Context, i int) error {
		ok, err := end(ctx, i)
		if ok {
			ended.Add(1)
		}
		if isNotDurable(err) {
			volatile.Store(true)
			return nil
		}
		return err
	})
	if err == nil && volatile.Load() {
		err = record.ErrNotDurable
	}
	return int(ended.Load()), err
}

// EndMany ends sessions and returns how many of them were live. Errors as End; after
// another error than record.ErrNotDurable some may have ended.
func (s *Store) EndMany(ctx context.Context, keys []record.Key, why record.Reason) (int, error) {
	return s.count(ctx, len(keys), func(ctx context.Context, i int) (bool, error) { return s.End(ctx, keys[i], why) })
}
