package session_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/session"
	"pagesession/session/storetest"
	"pagesession/storage/record"
)

// signedIn returns the token of a new session with these values.
func signedIn(t *testing.T, p *session.Policy, change session.Change) session.Token {
	t.Helper()
	_, cookie, err := p.Start(t.Context(), session.Token{}, session.ClientInfo{}, change)
	if err != nil {
		t.Fatalf("Start() = %v; want nil", err)
	}
	return session.ParseToken(cookie.Value())
}

// A change that changes its own session conflicts each time, and Update gives up.
func TestUpdate_OfItsOwnSessionIsGivenUp(t *testing.T) {
	p, _ := openPolicy(t)
	token := signedIn(t, p, nil)
	calls := 0
	_, cookie, err := p.Update(t.Context(), token, func(*session.Draft) error {
		calls++
		_, _, err := p.Update(t.Context(), token, named("inner"))
		return err
	})
	if !errors.Is(err, session.ErrConflict) || !cookie.IsZero() || calls < 2 || calls > 1000 {
		t.Errorf("Update() = %v, cookie %v after %d calls; want ErrConflict and no cookie after a few", err, cookie, calls)
	}
}

// If the change itself returns ErrConflict or ErrEnded, Start returns it and does
// not call again.
func TestStart_ErrorsOfTheChange(t *testing.T) {
	p, _ := openPolicy(t)
	token := signedIn(t, p, nil)
	for _, own := range []error{session.ErrConflict, session.ErrEnded} {
		calls := 0
		_, _, err := p.Start(t.Context(), token, session.ClientInfo{}, func(*session.Draft) error {
			calls++
			return own
		})
		if !errors.Is(err, own) || calls != 1 {
			t.Errorf("Start() = %v after %d calls; want %v after 1", err, calls, own)
		}
	}
}

// A change that waits in its queue gives up when its context is done.
func TestUpdate_QueuesNoLongerThanItsContext(t *testing.T) {
	p, _ := openPolicy(t)
	token := signedIn(t, p, nil)
	meet := func(inner func() error) session.Change { // conflicts at its first attempt, then calls inner
		calls := 0
		return func(*session.Draft) error {
			if calls++; calls == 1 {
				_, _, err := p.Update(context.Background(), token, nil)
				return err
			}
			return inner()
		}
	}
	inTurn, release := make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() { close(inTurn) })
	first := make(chan error, 1)
	go func() {
		_, _, err := p.Update(context.Background(), token, meet(func() error { begin(); <-release; return nil }))
		first <- err
	}()
	<-inTurn
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, _, err := p.Update(ctx, token, meet(func() error { t.Error("the second change ran while the first held the queue"); return nil }))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Update() = %v; want the context's error", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("first Update() = %v; want nil", err)
	}
}

// When the store does not answer, changes that wait in one queue do not each wait
// for a timeout of their own, one after the other.
func TestUpdate_WaitingChangesFailTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := session.DefaultConfig()
		cfg.Store = &storetest.Memory{}
		p, err := session.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		token := signedIn(t, p, nil)
		turn, outage, answers := make(chan int), make(chan struct{}), make(chan error)
		const callers = 5
		for i := range callers {
			calls := 0
			go func() {
				_, _, err := p.Update(t.Context(), token, func(*session.Draft) error {
					if calls++; calls == 1 { // conflicts
						_, _, err := p.Update(t.Context(), token, nil)
						return err
					}
					turn <- i
					<-outage
					return session.ErrUnavailable
				})
				answers <- err
			}()
		}
		<-turn
		synctest.Wait() // until the other changes wait in its queue
		close(outage)
		for range callers {
			select {
			case err := <-answers:
				if !errors.Is(err, session.ErrUnavailable) {
					t.Errorf("Update() = %v; want ErrUnavailable", err)
				}
			case <-turn:
				t.Fatal("a change has its turn after the store failed; want it answered")
			}
		}
	})
}

// A slowStore takes a while for each change, and has a limit for it. Its first changes
// conflict.
type slowStore struct {
	*storetest.Memory
	conflicts int
}

func (s *slowStore) ChangeTimeout() time.Duration { return 5 * time.Second }

func (s *slowStore) Replace(ctx context.Context, k record.Key, version uint64, c record.Content) (record.Record, error) {
	select {
	case <-time.After(4 * time.Second):
	case <-ctx.Done():
		return record.Record{}, ctx.Err()
	}
	if s.conflicts--; s.conflicts >= 0 {
		return record.Record{}, session.ErrConflict
	}
	return s.Memory.Replace(ctx, k, version, c)
}

// A change that is made again is answered within the time that the store has for one.
func TestUpdate_AttemptsShareOneTimeout(t *testing.T) {
	for conflicts, want := range []error{nil, session.ErrUnavailable, session.ErrUnavailable} {
		synctest.Test(t, func(t *testing.T) {
			cfg := session.DefaultConfig()
			cfg.Store = &slowStore{&storetest.Memory{}, conflicts}
			p, err := session.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			token, start := signedIn(t, p, nil), time.Now()
			_, _, err = p.Update(t.Context(), token, named("x"))
			if took := time.Since(start); !errors.Is(err, want) || took > 5*time.Second {
				t.Errorf("Update() = %v after %v with %d conflicts; want %v within 5s", err, took, conflicts, want)
			}
		})
	}
}

func TestStart_SubjectMustBeAString(t *testing.T) {
	p, _ := openPolicy(t, func(cfg *session.Config) { cfg.SubjectValue = "user" })
	for name, data := range map[string]any{"a number": 42, "too long": strings.Repeat("x", session.MaxSubject+1)} {
		_, _, err := p.Start(t.Context(), session.Token{}, session.ClientInfo{}, func(d *session.Draft) error {
			d.Set("user", data)
			return nil
		})
		if !errors.Is(err, session.ErrSubject) {
			t.Errorf("Start() with %s as subject = %v; want ErrSubject", name, err)
		}
	}
}

func TestStart_SaysWhichValueGobRefuses(t *testing.T) {
	p, _ := openPolicy(t)
	_, _, err := p.Start(t.Context(), session.Token{}, session.ClientInfo{}, func(d *session.Draft) error {
		d.Set("name", "Ada")
		d.Set("since", time.Now())
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), `value "since" is a time.Time`) || !strings.Contains(err.Error(), "gob.Register") {
		t.Errorf("Start() = %v; want the value's name, its type and what to do", err)
	}
}

// Signing in is one change that drops the id and the values from before.
func TestStart_SignIn(t *testing.T) {
	p, _ := openPolicy(t, func(cfg *session.Config) { cfg.SubjectValue = "user" })
	before := signedIn(t, p, named("Before"))
	view, cookie, err := p.Start(t.Context(), before, session.ClientInfo{}, func(d *session.Draft) error {
		d.Clear()
		d.Set("user", "42")
		d.Rotate()
		return nil
	})
	if err != nil || view.Values.Len() != 1 || view.Values.String("user") != "42" {
		t.Fatalf("Start() = %+v, %v; want the user and no other value", view.Values, err)
	}
	if old, _ := p.Peek(t.Context(), before); old.Reason != record.Replaced {
		t.Errorf("the old id: %v; want replaced", old.Reason)
	}
	rows, err := p.OfSubject(t.Context(), "42")
	if err != nil || len(rows) != 1 {
		t.Fatalf("OfSubject() = %d sessions, %v; want 1", len(rows), err)
	}
	if ended, err := p.Revoke(t.Context(), rows[0].Key); !ended || err != nil {
		t.Errorf("Revoke() = %v, %v; want true, nil", ended, err)
	}
	if v, _ := p.Peek(t.Context(), session.ParseToken(cookie.Value())); v.Reason != record.Revoked {
		t.Errorf("the session after Revoke(): %v; want revoked", v.Reason)
	}
}

// If a rotation is done, but the end of the old id is not durable, the browser gets the new id.
func TestRotate_NotDurable(t *testing.T) {
	p, _ := openPolicy(t, func(cfg *session.Config) { cfg.Store = &storetest.Memory{NotDurable: true} })
	token := signedIn(t, p, named("Pema"))
	v, cookie, err := p.Rotate(t.Context(), token)
	if !errors.Is(err, session.ErrNotDurable) || !v.Live() || cookie.IsZero() {
		t.Errorf("Rotate() = %+v, cookie %v, %v; want the session, its cookie, not durable", v.State, cookie, err)
	}
	if v, err := p.Peek(t.Context(), session.ParseToken(cookie.Value())); err != nil || !v.Live() {
		t.Errorf("Peek() of the new id = %v, %v; want live", v.State, err)
	}
	if v, err := p.Peek(t.Context(), token); err != nil || v.Reason != record.Replaced {
		t.Errorf("Peek() of the old id = %v, %v; want replaced", v.Reason, err)
	}
}
