package redis_test

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/redis"
)

func TestStore_Close(t *testing.T) {
	server := testredis.New(t)
	before := goleak.IgnoreCurrent()
	s, err := redis.Open(t.Context(), on(server))
	if err != nil {
		t.Fatal(err)
	}
	k := created(t, s, content("value", time.Hour), 0)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	for name, call := range everyCall(s, k) {
		if err := call(); !errors.Is(err, redis.ErrClosed) {
			t.Errorf("%s after Close = %v; want ErrClosed", name, err)
		}
	}
	goleak.VerifyNone(t, before)
}

func TestStore_Health(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	s := open(t, quick(server))
	k := created(t, s, content("value", time.Hour), 0)
	if h := s.Health(); h.Away != 0 || !h.Since.IsZero() {
		t.Errorf("Health = %+v; want nothing away", h)
	}
	begin := time.Now()
	server.Kill(t)
	if _, err := s.Refresh(t.Context(), k); err == nil {
		t.Fatal("Refresh of a killed server = nil")
	}
	if h := s.Health(); h.Away != 1 || h.Since.Before(begin) || h.Since.After(time.Now()) {
		t.Errorf("Health = %+v; want all away since %v", h, begin)
	}
	server.Start(t)
	ok := func() bool {
		_, err := s.Create(t.Context(), newKey(), content("value", time.Hour), 0)
		return err == nil
	}
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the store does not come back")
		}
	}
	if h := s.Health(); h.Away != 0 {
		t.Errorf("Health = %+v; want nothing away", h)
	}
}
