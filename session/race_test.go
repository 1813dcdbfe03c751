package session_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

func openPolicy(t testing.TB, change ...func(*session.Config)) (*session.Policy, *storage.Storage) {
	t.Helper()
	s, err := storage.Open(storage.Config{Database: t.TempDir() + "/sessions.db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	cfg := session.DefaultConfig()
	cfg.Store = s.Sessions()
	for _, f := range change {
		f(&cfg)
	}
	p, err := session.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p, s
}

func named(name string) session.Change {
	return func(d *session.Draft) error {
		d.Set("name", name)
		return nil
	}
}

// An end wins over a save, a rotation or a visit at the same time. Whatever those
// return, the id that was ended opens no session. A session that was rotated first
// is live under its new id.
func TestEnd_WinsOverWhatIsUnderWay(t *testing.T) {
	races := 100_000
	if testing.Short() {
		races = 5_000
	}
	p, _ := openPolicy(t)
	var left atomic.Int64
	left.Store(int64(races))
	var all sync.WaitGroup
	for range 512 {
		all.Go(func() {
			for n := left.Add(-1); n >= 0 && !t.Failed(); n = left.Add(-1) {
				endAgainst(t, p, n)
			}
		})
	}
	all.Wait()
}

func endAgainst(t *testing.T, p *session.Policy, n int64) {
	ctx := context.Background()
	_, cookie, err := p.Start(ctx, session.Token{}, session.ClientInfo{}, named("Sonam"))
	if err != nil {
		t.Errorf("Start() = %v", err)
		return
	}
	first := session.ParseToken(cookie.Value())
	var moved session.Cookie
	var both sync.WaitGroup
	both.Go(func() { moved, err = underWay(ctx, p, first, n) })
	_, endErr := p.End(ctx, first)
	both.Wait()
	if endErr != nil || err != nil && !errors.Is(err, session.ErrEnded) {
		t.Errorf("End() = %v, the other call = %v; want nil, and nil or ErrEnded", endErr, err)
	}
	if v, err := p.Peek(ctx, first); err != nil || v.State != record.Ended {
		t.Errorf("Peek() after End() = %v, %v; want ended", v.State, err)
	}
	if id := moved.Value(); id != "" && id != cookie.Value() { // the rotation came first
		if v, _ := p.Peek(ctx, first); v.Reason != record.Replaced {
			t.Errorf("a session was both ended, with %v, and rotated", v.Reason)
		}
	}
}

func underWay(ctx context.Context, p *session.Policy, t session.Token, n int64) (cookie session.Cookie, err error) {
	switch n % 3 {
	case 0:
		_, _, err = p.Update(ctx, t, named("Karma"))
	case 1:
		_, cookie, err = p.Rotate(ctx, t)
	default:
		_, _, err = p.Refresh(ctx, t)
	}
	return cookie, err
}

// Updates of one session at the same time each see what the one before them left.
func TestUpdate_LosesNoOther(t *testing.T) {
	p, _ := openPolicy(t)
	ctx := context.Background()
	_, cookie, err := p.Start(ctx, session.Token{}, session.ClientInfo{}, named("Sonam"))
	if err != nil {
		t.Fatal(err)
	}
	token := session.ParseToken(cookie.Value())
	const tabs, each = 16, 20
	calls := atomic.Int64{}
	var all sync.WaitGroup
	for range tabs {
		all.Go(func() {
			for range each {
				_, _, err := p.Update(ctx, token, func(d *session.Draft) error {
					calls.Add(1)
					n, _ := d.Get("n").(int)
					d.Set("n", n+1)
					return nil
				})
				if err != nil {
					t.Errorf("Update() = %v", err)
				}
			}
		})
	}
	all.Wait()
	v, err := p.Peek(ctx, token)
	if err != nil || v.Values.Get("n") != tabs*each {
		t.Errorf("n = %v, %v; want %d", v.Values.Get("n"), err, tabs*each)
	}
	if most := int64(4 * tabs * each); calls.Load() > most {
		t.Errorf("%d calls for %d changes; want at most %d", calls.Load(), tabs*each, most)
	}
}
