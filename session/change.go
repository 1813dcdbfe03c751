package session

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"pagesession/storage/record"
)

// A Change works on a copy of a session inside Start and Update. The copy is stored
// when it returns nil. If it returns an error or panics, nothing is stored. A nil
// Change changes no values.
//
// It may be called again, on a fresh copy, when another change of the same session
// was stored first. So it should have no other effects.
//
// It must not change sessions through the policy. If it changes its own session, it
// conflicts each time, until Start or Update returns ErrConflict. If it changes
// another session, both changes can need the same queue, and it then waits until its
// context is done.
type Change = func(*Draft) error

// Start changes the visitor's session and extends it, and creates one if there is
// none, or if several live ones came. A live session keeps its id and the values that
// the change leaves alone. A new one gets a new id, never one that came with the
// request, and keeps the client info from. Start returns the session and its cookie
// after the change is durable.
//
// If the session ends while change works on it, Start calls change again for a new
// session.
//
// Errors: that of change, ErrTimeout, ErrSubject, ErrFull, ErrUnavailable, ErrEnded
// when the session ended right after the change, a gob error, the context's. The
// View then shows the session that the token names, or no state if the store cannot
// tell, and the Cookie is zero. ErrNotDurable is different: it comes with the changed
// session and its cookie, when the session has a new id and a crash may bring the old one
// back.
func (p *Policy) Start(ctx context.Context, t Token, from ClientInfo, change Change) (View, Cookie, error) {
	t, err := p.Resolve(ctx, t)
	if err != nil {
		return t.view(), Cookie{}, err
	}
	if t.good {
		s, gone := p.changeLive(ctx, t, change)
		if !gone {
			return p.finish(ctx, t, s)
		}
	}
	return p.finish(ctx, t, p.make(ctx, p.newDraft(), from, change))
}

// Update changes a live session and extends it. Each of several Updates of one
// session sees what the one before it left. It returns the session and its cookie
// after the change is durable.
//
// Errors: ErrEnded when there is no live session, or when it ended before Update
// returned; ErrAmbiguous, which is an ErrEnded, when several live ones came; otherwise
// those of Start.
func (p *Policy) Update(ctx context.Context, t Token, change Change) (View, Cookie, error) {
	t, err := p.Resolve(ctx, t)
	switch {
	case err != nil:
		return t.view(), Cookie{}, err
	case t.ambiguous:
		return t.view(), Cookie{}, ErrAmbiguous
	case !t.good:
		return t.view(), Cookie{}, ErrEnded
	}
	s, _ := p.changeLive(ctx, t, change)
	return p.finish(ctx, t, s)
}

// Rotate gives a live session a new id and extends it. Values and timeouts stay. The
// old id then has ended with the reason Replaced. It returns the session and its
// cookie after that is durable. Errors: those of Update.
func (p *Policy) Rotate(ctx context.Context, t Token) (View, Cookie, error) {
	return p.Update(ctx, t, func(d *Draft) error {
		d.Rotate()
		return nil
	})
}

const (
	// stripes is the number of queues for changes that are made again. Two sessions
	// share a queue with a chance of 1 in 256.
	stripes = 256
	// maxAttempts bounds how often a change is made. In its queue a change competes
	// only with the first attempts of new requests.
	maxAttempts = 100
)

// changeLive changes the session that a token names. gone reports that there was no
// live session to change.
//
// The first attempt waits for no queue. If another change came first, the change is
// made again in a queue that all repeated changes of the session share, so n changes
// at once cost about 2n attempts. The store decides which change is stored; the
// queue only makes the order fair. All attempts together take as long as one may, see
// Limiter.
func (p *Policy) changeLive(ctx context.Context, t Token, change Change) (s saved, gone bool) {
	start := time.Now()
	s, gone = p.attempt(ctx, t, change)
	if !s.conflict {
		return s, gone
	}
	if p.limit == 0 {
		return p.changeAgain(ctx, t, change)
	}
	limited, cancel := context.WithDeadline(ctx, start.Add(p.limit))
	defer cancel()
	s, gone = p.changeAgain(limited, t, change)
	if errors.Is(s.err, context.DeadlineExceeded) && ctx.Err() == nil {
		s.err = fmt.Errorf("%w: the change was not made within %v", ErrUnavailable, p.limit)
	}
	return s, gone
}

// changeAgain makes a change that has conflicted again, in its queue.
func (p *Policy) changeAgain(ctx context.Context, t Token, change Change) (s saved, gone bool) {
	queue := p.queue(t.key)
	if err := queue.enter(ctx); err != nil {
		return saved{err: err}, false
	}
	defer queue.leave() // also after a panic
	for n, again := 1, true; again; n++ {
		s, gone = p.attempt(ctx, t, change)
		again = s.conflict && n < maxAttempts-1 && ctx.Err() == nil
	}
	if errors.Is(s.err, ErrUnavailable) {
		queue.fail()
	}
	return s, gone
}

// queue returns the queue of a key.
func (p *Policy) queue(k record.Key) *queue {
	return &p.again[binary.LittleEndian.Uint16(k[:])%stripes]
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

// make runs a change on a draft and stores the draft.
func (p *Policy) make(ctx context.Context, d *Draft, from ClientInfo, change Change) saved {
	if change != nil {
		if err := change(d); err != nil {
			return saved{err: err}
		}
	}
	return p.save(ctx, d, from)
}

// saved is the outcome of storing a draft.
type saved struct {
	token Token // of the session as it is stored
	rec   record.Record
	memo  list // the decoded values, when they are known and need a memo
	err   error

	conflict, ended bool // what the store said
}

// save stores a draft: it creates, replaces or rotates.
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
	if m != nil && s.rec.Memo == nil && s.rec.Value == string(content.Value) {
		s.memo = m
	}
	return s
}

// finish returns the view and the cookie of what is stored, or the error and the
// view of what the visitor has.
func (p *Policy) finish(ctx context.Context, t Token, s saved) (View, Cookie, error) {
	if s.err != nil && !errors.Is(s.err, ErrNotDurable) {
		v, _ := p.Peek(ctx, t) // s.err is the error that matters
		return v, Cookie{}, s.err
	}
	if s.memo != nil && s.rec.State == record.Live {
		p.memoize(s.token.key, s.rec.Version, s.memo)
		s.rec.Memo = s.memo
	}
	v := p.view(&s.token, &s.rec)
	v.Cookie = t.came()
	if !v.Live() { // it ended after the change
		return v, Cookie{}, ErrEnded
	}
	return v, cookieOf(s.token.id, &v), s.err
}
