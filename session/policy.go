package session

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/storage/record"
)

// A Policy finds the session that a request's token names, and starts, refreshes,
// changes and ends it. Its methods are safe for concurrent use.
//
// Peek and Refresh neither decode nor allocate when a session's values are strings, or
// once the store has them decoded (see [Memoizer]). A change works on a copy, which is
// stored in one step. It returns after it is durable, so you can send the cookie at once.
//
// A response that depends on a token must stay out of shared caches: send
// "Cache-Control: no-store" and "Vary: Cookie" with it. The adapters do that.
type Policy struct {
	cfg      Config
	store    Store
	memoizer Memoizer       // nil: the store has no Memoize
	watcher  Watcher        // nil: the store has no Watch
	limit    time.Duration  // of all attempts at a change, see Limiter; 0: none
	primed   sync.Pool      // of *primed, see encode
	again    [stripes]queue // see changeLive
	warned   atomic.Int64   // when warnAmbiguous last logged, in Unix nanoseconds; 0: never
}

// New returns a policy, or an error that names the field which is out of its range
// (ErrTimeout for a timeout). It does no I/O.
func New(cfg Config) (*Policy, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	p := &Policy{cfg: cfg, store: cfg.Store}
	for i := range p.again {
		p.again[i].init()
	}
	p.memoizer, _ = cfg.Store.(Memoizer)
	p.watcher, _ = cfg.Store.(Watcher)
	if l, ok := cfg.Store.(Limiter); ok {
		p.limit = l.ChangeTimeout()
	}
	return p, nil
}

// Peek returns the visitor's session as it is. It extends and creates nothing.
// Errors: ErrUnavailable, the context's.
func (p *Policy) Peek(ctx context.Context, t Token) (View, error) {
	t, err := p.Resolve(ctx, t)
	if err != nil || !t.good {
		return t.view(), err
	}
	rec, err := p.store.Peek(ctx, t.key)
	if err != nil {
		return t.view(), err
	}
	return p.view(&t, &rec), nil
}

// Refresh extends a live session: it starts the idle timeout again. It returns the
// session as it is then, and its cookie with a new Max-Age. The new deadline is
// visible when Refresh returns; the store decides when it is durable.
//
// If there is no live session, nothing is created, and the Cookie removes the session
// cookie that came with the request. It is zero, and removes nothing, in four cases: a
// cookie without the form of a session id is another program's; if the session was
// rotated, the browser may have the new cookie already; if the View is Ambiguous, one of
// the sessions is the visitor's; if more than four ids came, one that was not looked up
// may be. On an error (ErrUnavailable, the context's) the Cookie is zero, too.
func (p *Policy) Refresh(ctx context.Context, t Token) (View, Cookie, error) {
	t, err := p.Resolve(ctx, t)
	if err != nil || !t.good {
		return t.view(), Cookie{}, err
	}
	rec, err := p.store.Refresh(ctx, t.key)
	if err != nil {
		return t.view(), Cookie{}, err
	}
	v := p.view(&t, &rec)
	switch {
	case v.Reason == record.Replaced:
		return v, Cookie{}, nil
	case !v.Live():
		return v, t.removal(), nil
	}
	return v, cookieOf(t.id, &v), nil
}

// End ends the visitor's session for good, with the reason Deleted. When the end is
// durable, it returns a Cookie that removes the session cookie from the browser, see
// Refresh. A missing session is no error. With ErrNotDurable it returns that Cookie as
// well: the session has ended, but the store could not make that durable yet.
//
// On any other error the Cookie is zero. ErrAmbiguous: the cookies of several live
// sessions came, and none has ended. ErrUnavailable: the session lives on. The
// context's: it may have ended.
func (p *Policy) End(ctx context.Context, t Token) (Cookie, error) {
	t, err := p.Resolve(ctx, t)
	switch {
	case err != nil || !t.good && !t.ambiguous:
		return Cookie{}, err
	case t.ambiguous:
		return Cookie{}, ErrAmbiguous
	}
	_, err = p.store.End(ctx, t.key, record.Deleted)
	if err != nil && !errors.Is(err, ErrNotDurable) {
		return Cookie{}, err
	}
	return t.removal(), err
}

// OfSubject returns the live sessions of a subject (see Config.SubjectValue), in no
// order. [Describe] decodes a Row's Value. Errors: ErrUnavailable, the context's.
func (p *Policy) OfSubject(ctx context.Context, subject string) ([]record.Row, error) {
	return p.store.OfSubject(ctx, subject)
}

// Revoke ends one session that OfSubject lists, with the reason Revoked. It returns
// false and no error when the session is no longer live. Errors: ErrNotDurable, also
// with false if an earlier end is not durable yet, see End; ErrUnavailable, the
// context's.
func (p *Policy) Revoke(ctx context.Context, k record.Key) (bool, error) {
	return p.store.End(ctx, k, record.Revoked)
}

// EndSubject ends the sessions of a subject that were created before the call, with
// the reason Revoked, and returns how many. The session of the token except stays live;
// with a Token that names none all end. Errors: ErrNotDurable, when all have ended and
// the store could not make that durable yet; ErrUnavailable, the context's, when some may
// have ended.
func (p *Policy) EndSubject(ctx context.Context, subject string, except Token) (int, error) {
	except, err := p.Resolve(ctx, except)
	if err != nil {
		return 0, err
	}
	if k, ok := except.Key(); ok {
		return p.store.EndSubject(ctx, subject, record.Revoked, k)
	}
	return p.store.EndSubject(ctx, subject, record.Revoked)
}

// Wait returns when the visitor's session has ended, with what is known of it then.
// Without a live session it returns at once. It extends nothing. Use it for what
// outlasts a request, such as a WebSocket or a stream. A session that is rotated has
// ended, with the reason Replaced, under the token that Wait was called with.
// Errors: ErrUnavailable, the context's.
func (p *Policy) Wait(ctx context.Context, t Token) (View, error) {
	t, err := p.Resolve(ctx, t)
	if err != nil || !t.good {
		return t.view(), err
	}
	rec, err := p.store.Wait(ctx, t.key)
	if err != nil {
		return t.view(), err
	}
	return p.view(&t, &rec), nil
}

// view returns the View of a token that names no session.
func (t *Token) view() View { return View{Cookie: t.came(), Ambiguous: t.ambiguous} }

// view returns the View of a record. A record that cannot be decoded counts as no
// session.
func (p *Policy) view(t *Token, rec *record.Record) View {
	if rec.State != record.Live {
		return View{State: rec.State, Reason: rec.Reason, Cookie: true}
	}
	values, ok := p.usable(t.key, rec)
	if !ok {
		return t.view()
	}
	v := View{
		State: record.Live, Values: values, Cookie: true,
		Age: rec.Age, IdleTimeout: rec.IdleTimeout,
		Remaining: rec.Remaining, AbsoluteRemaining: rec.AbsoluteRemaining,
	}
	if rec.Remaining > 0 {
		v.Expires = p.cfg.Now().Add(rec.Remaining).UTC()
	}
	return v
}

// Config returns the policy's configuration, with the defaults filled in.
func (p *Policy) Config() Config { return p.cfg }
