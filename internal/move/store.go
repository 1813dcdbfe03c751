package move

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/storage/record"
)

// A Store passes calls on to the store that has the sessions, and can move them to another.
// It is a session.Store, a session.Memoizer, a session.Watcher and a session.Limiter. It is
// safe for concurrent use. Make one with New, and Close it.
type Store struct {
	phase   atomic.Pointer[phase]
	watches watches

	mu  sync.Mutex // protects run
	run *run       // the last move; nil: there was none
}

// A phase is the time in which sessions are in the same places. Each call belongs to one, and
// is counted there, so that the next phase can wait for the calls of the last.
type phase struct {
	from Side      // the source; nil: no move is under way
	at   Side      // the target, or the store at rest
	late Side      // had the sessions before, and may know why some ended; nil: none
	till time.Time // late is asked until then

	moved   atomic.Int64 // sessions that were handed over
	barrier barrier
	doors   doors
	running [64]struct {
		calls atomic.Int64
		_     [56]byte // a cache line each
	}
}

// New returns a Store with its sessions at a Side, which the Store closes.
func New(at Side) *Store {
	s := &Store{}
	s.phase.Store(&phase{at: at})
	return s
}

// begin returns the phase that a call belongs to, and the counter to take 1 from at its end.
func (s *Store) begin(k byte) (*phase, *atomic.Int64) {
	for {
		p := s.phase.Load()
		calls := &p.running[k&63].calls
		if calls.Add(1); s.phase.Load() == p {
			return p, calls
		}
		calls.Add(-1)
	}
}

// drain returns when the calls of a phase have ended that is over.
func (p *phase) drain(ctx context.Context) error {
	for i := range p.running {
		for p.running[i].calls.Load() != 0 {
			select {
			case <-time.After(time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// At returns the Side with new sessions, and during a move the one that they come from;
// otherwise that is nil.
func (s *Store) At() (at, from Side) {
	p := s.phase.Load()
	return p.at, p.from
}

// Peek implements session.Store.
func (s *Store) Peek(ctx context.Context, k record.Key) (record.Record, error) {
	return s.read(ctx, k, Side.Peek)
}

// Refresh implements session.Store.
func (s *Store) Refresh(ctx context.Context, k record.Key) (record.Record, error) {
	return s.read(ctx, k, Side.Refresh)
}

// read asks the source and then the target. An end that the source knows of counts: a
// session that it has handed over has not ended there.
func (s *Store) read(ctx context.Context, k record.Key, ask func(Side, context.Context, record.Key) (record.Record, error)) (record.Record, error) {
	p, calls := s.begin(k[0])
	defer calls.Add(-1)
	if p.from == nil {
		rec, err := ask(p.at, ctx, k)
		if err == nil && rec.State == record.None && p.late != nil && time.Now().Before(p.till) {
			if old, err := p.late.Peek(ctx, k); err == nil && old.State == record.Ended {
				return old, nil
			}
		}
		return rec, err
	}
	h := k.Handle()
	if err := p.doors.enter(ctx, h); err != nil {
		return record.Record{}, err
	}
	defer p.doors.leave(h)
	if rec, err := ask(p.from, ctx, k); err != nil || rec.State != record.None {
		return rec, err
	}
	return ask(p.at, ctx, k)
}

// Memoize implements session.Memoizer.
func (s *Store) Memoize(k record.Key, version uint64, memo any) {
	p, calls := s.begin(k[0])
	defer calls.Add(-1)
	if p.from != nil {
		p.from.Memoize(k, version, memo)
	}
	p.at.Memoize(k, version, memo)
}

// ChangeTimeout implements session.Limiter.
func (s *Store) ChangeTimeout() time.Duration {
	p := s.phase.Load()
	if p.from == nil {
		return p.at.ChangeTimeout()
	}
	return p.from.ChangeTimeout() + p.at.ChangeTimeout()
}

// Create implements session.Store.
func (s *Store) Create(ctx context.Context, k record.Key, c record.Content, absolute time.Duration) (record.Record, error) {
	p, calls := s.begin(k[0])
	defer calls.Add(-1)
	if err := p.unused(ctx, k); err != nil {
		return record.Record{}, err
	}
	return p.at.Create(ctx, k, c, absolute)
}

// unused returns record.ErrEnded if the source knows a key.
func (p *phase) unused(ctx context.Context, k record.Key) error {
	if p.from == nil {
		return nil
	}
	rec, err := p.from.Peek(ctx, k)
	if err == nil && rec.State != record.None {
		err = record.ErrEnded
	}
	return err
}

// Replace implements session.Store.
func (s *Store) Replace(ctx context.Context, k record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.inTarget(ctx, k, version, func(p *phase, version uint64) (record.Record, error) {
		return p.at.Replace(ctx, k, version, c)
	})
}

// Rotate implements session.Store.
func (s *Store) Rotate(ctx context.Context, from, to record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.inTarget(ctx, from, version, func(p *phase, version uint64) (record.Record, error) {
		if err := p.unused(ctx, to); err != nil {
			return record.Record{}, err
		}
		return p.at.Rotate(ctx, from, to, version, c)
	})
}

// inTarget makes a change of a session where new sessions are, after it has handed the
// session over if it has to.
func (s *Store) inTarget(ctx context.Context, k record.Key, version uint64, change func(*phase, uint64) (record.Record, error)) (record.Record, error) {
	p, calls := s.begin(k[0])
	defer calls.Add(-1)
	if p.from == nil {
		return change(p, version)
	}
	if err := p.barrier.enter(ctx); err != nil {
		return record.Record{}, err
	}
	defer p.barrier.leave()
	h := k.Handle()
	if err := p.doors.close(ctx, h); err != nil {
		return record.Record{}, err
	}
	defer p.doors.open(h)
	rec, err := p.from.Peek(ctx, k)
	switch {
	case err != nil:
		return record.Record{}, err
	case rec.State == record.Ended:
		return record.Record{}, record.ErrEnded
	case rec.State == record.None:
		return change(p, version)
	case version != 0 && version != rec.Version:
		return record.Record{}, record.ErrConflict
	}
	if _, err := s.handOver(ctx, p, []record.Handle{h}); err != nil {
		return record.Record{}, err
	}
	return change(p, 0) // the versions of two stores have nothing to do with each other
}
