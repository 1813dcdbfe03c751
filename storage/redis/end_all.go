package redis

import (
	"context"
	"slices"
	"sync/atomic"

	"pagesession/storage/record"
)

const (
	// endPiece is how many sessions one script ends, in about a millisecond.
	endPiece = 100
	// tagsAtOnce is how many tags EndAll has under way: enough to use Redis well, few enough
	// that visitors' commands wait for a handful of scripts.
	tagsAtOnce = 4
	// mostPasses bounds how often EndAll goes through all tags for sessions that were
	// rotated from a tag it had not reached to one it had passed.
	mostPasses = 20
)

// EndAll ends all sessions that were created before the call, and returns how many were
// live. A session that is rotated meanwhile ends under its new key. Values that are damaged
// are removed, too; they do not count. Errors: ErrNoIndex, and those of EndMany.
func (s *Store) EndAll(ctx context.Context, why record.Reason) (int, error) {
	if s.cfg.NoIndex {
		return 0, ErrNoIndex
	}
	e := allEnder{Store: s, why: why, until: s.clock.now()}
	for range mostPasses {
		before := e.met.Load()
		if err := s.eachOf(ctx, tags, tagsAtOnce, e.endTag); err != nil {
			return int(e.ended.Load()), err
		}
		if e.met.Load() == before {
			break
		}
	}
	if e.volatile.Load() {
		return int(e.ended.Load()), record.ErrNotDurable
	}
	return int(e.ended.Load()), nil
}

// An allEnder ends the sessions of all tags.
type allEnder struct {
	*Store
	why      record.Reason
	until    int64        // the last creation
	met      atomic.Int64 // sessions that were to end
	ended    atomic.Int64 // those that were live
	volatile atomic.Bool  // an end may not be durable
}

// endTag ends the sessions of one tag.
func (e *allEnder) endTag(ctx context.Context, tag int) error {
	handles, err := e.ranks(ctx, tag, 0, 0)
	if err != nil {
		return err
	}
	for piece := range slices.Chunk(handles, endPiece) {
		if err := e.endPiece(ctx, tag, piece); err != nil {
			return err
		}
	}
	return nil
}

// endPiece ends some sessions of a tag by one script, and follows those that are rotated
// meanwhile.
func (e *allEnder) endPiece(ctx context.Context, tag int, handles []record.Handle) error {
	names := []string{e.ofTag(kindIndex, tag)}
	args := []string{number(e.until - epoch), "", newStone(e.why), number(remembered)}
	for _, h := range handles {
		names = append(names, e.name(kindLive, h), e.name(kindTomb, h))
		args = append(args, string(h[:]))
	}
	a, err := e.run(ctx, e.scripts.endMany, tag, names, args...)
	if err != nil {
		return err
	}
	if len(a.each) != 2*len(handles) {
		return wrap(refusal, errValue)
	}
	for i, h := range handles {
		one := answer{now: a.now}
		if one.outcome, err = a.each[2*i].AsInt64(); err == nil {
			one.value, err = a.each[2*i+1].AsBytes()
		}
		if err == nil {
			err = e.after(ctx, h, &one)
		}
		if err != nil {
			return err
		}
	}
	return e.note(e.replicated(ctx, handles[0])) // one master has all of the tag
}

// after does what follows the end of one session.
func (e *allEnder) after(ctx context.Context, h record.Handle, a *answer) error {
	p, _, err := parse(h, a.value)
	to, moved := successor(a.value)
	if a.outcome != outcomeNone || moved {
		e.met.Add(1)
	}
	switch {
	case a.outcome == outcomeDone && len(a.value) == 0: // by the same script, whose answer was lost
		e.ended.Add(1)
	case a.outcome == outcomeDone && err == nil:
		e.hasEnded(ctx, &p.key, e.why, a)
		if !e.hadExpired(&p.key, a) {
			e.ended.Add(1)
		}
	case a.outcome == outcomePending && err == nil:
		return e.follow(ctx, p.key, false)
	case a.outcome == outcomeNone && moved:
		return e.follow(ctx, to, true)
	}
	return nil
}

// follow ends a session that is rotated meanwhile.
func (e *allEnder) follow(ctx context.Context, k record.Key, moved bool) error {
	ok, err := e.pursue(ctx, k, e.why, condition{until: e.until, moved: moved})
	if ok {
		e.ended.Add(1)
	}
	return e.note(err)
}

// note keeps in mind that an end may not be durable, which stops nothing.
func (e *allEnder) note(err error) error {
	if isNotDurable(err) {
		e.volatile.Store(true)
		return nil
	}
	return err
}

// Sweep forgets the sessions that timed out, as the servers do by themselves every few
// minutes, and returns how many there were.
func (s *Store) Sweep(ctx context.Context) (n int, err error) {
	if s.cfg.NoIndex {
		return 0, ErrNoIndex
	}
	for tag := range tags {
		buried, err := s.sweepTag(ctx, tag)
		n += buried
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
