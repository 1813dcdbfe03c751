package session

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	"pagesession/storage/record"
)

// A Change works on a copy of a session inside Start and Update. It may be
// called again, on a fresh copy, when another change of the same session was
// stored first. When it returns an error or panics, nothing is stored. It must
// not change sessions through the policy. A change of the same session conflicts
// each time, until Start or Update returns ErrConflict; one of another session
// can wait for its turn behind this one. nil changes nothing.
type Change = func(*Draft) error

// Start changes the visitor's session, and creates one if there is none. Its
// idle time starts again. A live session keeps its id and its other values; a
// new one gets a new id, never one that the visitor brought, and keeps from.
// Start returns the session and its cookie once the change is durable.
//
// A session that ends while change works on it is replaced by a new one, and
// change is called again for that.
//
// Errors: what change returned, ErrTimeout, ErrSubject, ErrFull,
// ErrUnavailable, ErrEnded when the session ended right after the change, a gob
// error, the context's. The view is then of the session that the token names,
// without a state if the store cannot tell, and the Cookie is zero.
func (p *Policy) Start(ctx context.Context, t Token, from ClientInfo, change Change) (View, Cookie, error) {
	if t.good {
		s, gone := p.changeLive(ctx, t, change)
		if !gone {
			return p.finish(ctx, t, s)
		}
	}
	return p.finish(ctx, t, p.make(ctx, p.newDraft(), from, change))
}

// Update changes a live session and starts its idle time again. Each of
// several Updates of one session sees what the one before it left. It returns
// the session and its cookie once the change is durable.
//
// Errors: ErrEnded when there is no live session, or when it ended before
// Update returned; else as Start.
func (p *Policy) Update(ctx context.Context, t Token, change Change) (View, Cookie, error) {
	if !t.good {
		return View{Cookie: t.came}, Cookie{}, ErrEnded
	}
	s, _ := p.changeLive(ctx, t, change)
	return p.finish(ctx, t, s)
}

// Rotate gives a live session a new id and keeps its values and timeouts. The
// old id has ended with Replaced. It returns the session and its cookie once
// that is durable. Errors: as Update.
func (p *Policy) Rotate(ctx context.Context, t Token) (View, Cookie, error) {
	return p.Update(ctx, t, func(d *Draft) error {
		d.Rotate()
		return nil
	})
}

const (
	// stripes is the number of queues for changes that are made again. Two
	// sessions share one with a chance of 1 in 256.
	stripes = 256
	// maxAttempts is how often a change is made at most. In its queue a change
	// competes with the first attempts of new requests only.
	maxAttempts = 100
)

// changeLive changes the session that a token names. gone reports that there
// was no live session to change.
//
// The first attempt queues for nothing. One that meets another change is made
// again in a queue that all repeated changes of the session share, so that n
// changes at once cost about 2n attempts. The store decides which change is
// made; the queue only keeps the order fair.
func (p *Policy) changeLive(ctx context.Context, t Token, change Change) (s saved, gone bool) {
	s, gone = p.attempt(ctx, t, change)
	if !s.conflict {
		return s, gone
	}
	queue := p.queue(t.key)
	select {
	case queue <- struct{}{}:
		defer func() { <-queue }() // after a panic too
	case <-ctx.Done():
		return saved{err: ctx.Err()}, false
	}
	for n := 1; s.conflict && n < maxAttempts; n++ {
		s, gone = p.attempt(ctx, t, change)
	}
	return s, gone
}

// queue has room for one.
func (p *Policy) queue(k record.Key) chan struct{} {
	return p.again[binary.LittleEndian.Uint16(k[:])%stripes]
}

// attempt makes a change once, on the session as it is stored now.
func (p *Policy) attempt(ctx context.Context, t Token, change Change) (s saved, gone bool) {
	rec, err := p.store.Peek(ctx, t.key)
	if err != nil {
		return saved{err: err}, false
	}
	var d *Draft
	if rec.State == record.Live {
		d = p.draftOf(t, &rec)
	}
	if d == nil {
		return saved{err: ErrEnded}, true
	}
	s = p.make(ctx, d, ClientInfo{}, change)
	return s, s.ended
}

// make runs a change on a draft and stores it.
func (p *Policy) make(ctx context.Context, d *Draft, from ClientInfo, change Change) saved {
	if change != nil {
		if err := change(d); err != nil {
			return saved{err: err}
		}
	}
	return p.save(ctx, d, from)
}

// saved is what became of a draft.
type saved struct {
	token Token // of the session as it is stored
	rec   record.Record
	memo  *memo // its values, when they are known
	err   error

	conflict, ended bool // what the store said
}

// save stores a draft in the one way that fits.
func (p *Policy) save(ctx context.Context, d *Draft, from ClientInfo) (s saved) {
	content, m, err := p.content(d, from)
	if err != nil {
		return saved{err: err}
	}
	s.token = ParseToken(d.id)
	switch {
	case d.IsNew():
		s.rec, s.err = p.store.Create(ctx, s.token.key, content, p.cfg.AbsoluteTimeout)
	case s.token.key == d.token.key:
		s.rec, s.err = p.store.Replace(ctx, s.token.key, d.rec.Version, content)
	default:
		s.rec, s.err = p.store.Rotate(ctx, d.token.key, s.token.key, d.rec.Version, content)
	}
	s.conflict, s.ended = errors.Is(s.err, ErrConflict), errors.Is(s.err, ErrEnded)
	if m != nil && s.rec.Memo == nil && bytes.Equal(s.rec.Value, content.Value) {
		s.memo = m
	}
	return s
}

// finish turns a change into an answer: the view and the cookie of what is
// stored, or the error and the view of what the visitor has.
func (p *Policy) finish(ctx context.Context, t Token, s saved) (View, Cookie, error) {
	if s.err != nil {
		v, _ := p.Peek(ctx, t) // of the two errors the first matters
		return v, Cookie{}, s.err
	}
	if s.memo != nil && s.rec.State == record.Live {
		p.memoize(s.token.key, s.rec.Version, s.memo)
		s.rec.Memo = s.memo
	}
	v := p.view(&s.token, &s.rec)
	v.Cookie = t.came
	if !v.Live() { // it ended after the change
		return v, Cookie{}, ErrEnded
	}
	return v, cookieOf(s.token.id, &v), nil
}
