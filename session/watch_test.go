package session_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/session"
	"pagesession/session/storetest"
	"pagesession/storage/record"
)

// watched counts the calls of wake for a token, and returns stop.
func watched(t *testing.T, p *session.Policy, token session.Token) (woken *int, stop func()) {
	t.Helper()
	woken = new(int)
	stop, err := p.Watch(t.Context(), token, func() { *woken++ })
	if err != nil {
		t.Fatalf("Watch() = %v; want nil", err)
	}
	return woken, stop
}

// With a store that has no Watch, wake comes after Wait, also if that fails for a while.
func TestWatch_StoreWithoutWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newJar(t).Policy
		store := p.Config().Store.(*storetest.Memory)
		token := signedIn(t, p, nil)
		woken, stop := watched(t, p, token)
		gone, stopGone := watched(t, p, token)
		none, _ := watched(t, p, session.Token{})
		stopGone()
		stopGone()
		store.SetErrors(1)
		time.Sleep(3 * time.Second)
		store.SetErrors(0)
		if synctest.Wait(); *woken != 0 {
			t.Errorf("wake came %d times before the end; want 0", *woken)
		}
		if _, err := p.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if synctest.Wait(); *woken != 1 || *gone != 0 || *none != 0 {
			t.Errorf("wake came %d times, after stop %d times, without a session %d times; want 1, 0, 0", *woken, *gone, *none)
		}
		stop()
	})
}

// The session that counts is watched, whichever cookie comes first.
func TestWatch_SeveralCookies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJar(t)
		woken, stop := watched(t, j.Policy, j.token("dA"))
		defer stop()
		time.Sleep(time.Second)
		if synctest.Wait(); *woken != 0 {
			t.Errorf("wake came %d times for the cookies of an ended and a live session; want 0", *woken)
		}
	})
}

func TestWatch_Errors(t *testing.T) {
	j := newJar(t)
	store := j.Config().Store.(*storetest.Memory)
	store.SetErrors(1)
	if _, err := j.Watch(t.Context(), j.token("dA"), nil); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Watch() = %v; want ErrUnavailable", err)
	}
}

// The storage is a Watcher. It wakes for the end of all sessions, too, and the context of
// Watch may be done by then.
func TestWatch_Watcher(t *testing.T) {
	p, store := openPolicy(t)
	token := signedIn(t, p, nil)
	woken := make(chan struct{}, 8)
	ctx, cancel := context.WithCancel(t.Context())
	stop, err := p.Watch(ctx, token, func() { woken <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	cancel() // it was for the call only
	if _, err := store.EndAll(t.Context(), record.Revoked); err != nil {
		t.Fatal(err)
	}
	select {
	case <-woken:
	case <-time.After(20 * time.Second):
		t.Error("EndAll did not wake")
	}
	if v, err := p.Peek(t.Context(), token); v.Reason != record.Revoked || err != nil {
		t.Errorf("Peek() = %v, %v; want revoked", v.Reason, err)
	}
}
