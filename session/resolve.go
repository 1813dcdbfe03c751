package session

import (
	"context"
	"log/slog"
	"time"

	"pagesession/storage/record"
)

// Resolve returns the token of the one session that counts, see [Token]. Each method
// of Policy does so by itself; call Resolve for the Key of a request's session.
//
// A token with one id is returned as it is, live or not, without asking the store.
// The token of several live sessions names none. Errors: ErrUnavailable, the context's.
func (p *Policy) Resolve(ctx context.Context, t Token) (Token, error) {
	if t.more == nil {
		return t, nil
	}
	return p.resolve(ctx, &t)
}

func (p *Policy) resolve(ctx context.Context, t *Token) (Token, error) {
	found, live, rotated := *t, 0, false
	found.more = nil
	for _, id := range append([]idKey{t.idKey}, t.further()...) {
		one := Token{idKey: id, good: true, former: t.former}
		rec, err := p.store.Peek(ctx, one.key)
		if err != nil {
			return *t, err
		}
		v := p.view(&one, &rec)
		if v.Live() {
			live++
			found = one
		}
		rotated = rotated || v.Reason == record.Replaced
	}
	if live > 1 {
		p.warnAmbiguous()
		return Token{ambiguous: true}, nil
	}
	found.keep = t.keep || rotated
	return found, nil
}

// warningPause is the time between two log lines about several live sessions: any
// client can cause them.
const warningPause = time.Minute

// warnAmbiguous logs that a request brought several live sessions, or nothing if it did
// so less than warningPause ago.
func (p *Policy) warnAmbiguous() {
	now, last := p.cfg.Now().UnixNano(), p.warned.Load()
	if since := now - last; last != 0 && since >= 0 && since < int64(warningPause) || !p.warned.CompareAndSwap(last, now) {
		return
	}
	p.cfg.Logger.Warn("a request brought cookies of several live sessions, so none of them counts",
		slog.String("cookie", p.cfg.CookieName), slog.String("path", p.cfg.CookiePath))
}
