package redis_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// quick returns the configuration for a server that fails in the test.
func quick(s *testredis.Server) redis.Config {
	cfg := on(s)
	cfg.CommandTimeout = redis.ConfigDefault.CommandTimeout
	return cfg
}

// wantUnavailable fails unless all calls fail, as unavailable, and soon after the first
// ones at once.
func wantUnavailable(t *testing.T, s *redis.Store, k record.Key) {
	t.Helper()
	begin := time.Now()
	for name, call := range everyCall(s, k) {
		if err := call(); !errors.Is(err, record.ErrUnavailable) {
			t.Errorf("%s = %v; want unavailable", name, err)
		}
	}
	// One call waits for its timeout. Of the others, some are let through.
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the calls took %v; want most to fail at once", took)
	}
	fast := 0
	for range 1000 {
		one := time.Now()
		_, err := s.Refresh(t.Context(), k)
		if !errors.Is(err, record.ErrUnavailable) {
			t.Fatalf("Refresh = %v; want unavailable", err)
		}
		if time.Since(one) < 100*time.Millisecond {
			fast++
		}
	}
	if fast < 900 {
		t.Errorf("%d of 1,000 calls failed at once; want nearly all", fast)
	}
}

func everyCall(s *redis.Store, k record.Key) map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"Peek":       func() error { _, err := s.Peek(ctx, k); return err },
		"Refresh":    func() error { _, err := s.Refresh(ctx, k); return err },
		"Create":     func() error { _, err := s.Create(ctx, newKey(), content("x", time.Hour), 0); return err },
		"Replace":    func() error { _, err := s.Replace(ctx, k, 0, content("x", time.Hour)); return err },
		"Rotate":     func() error { _, err := s.Rotate(ctx, k, newKey(), 0, content("x", time.Hour)); return err },
		"End":        func() error { _, err := s.End(ctx, k, record.Deleted); return err },
		"OfSubject":  func() error { _, err := s.OfSubject(ctx, "ada"); return err },
		"EndSubject": func() error { _, err := s.EndSubject(ctx, "ada", record.Revoked); return err },
		"Wait":       func() error { _, err := s.Wait(ctx, k); return err },
	}
}

// wantBack waits until the store serves a session again.
func wantBack(t *testing.T, s *redis.Store, k record.Key, state record.State) {
	t.Helper()
	begin := time.Now()
	for {
		rec, err := s.Refresh(t.Context(), k)
		if err == nil {
			if rec.State != state {
				t.Errorf("Refresh = %v; want %v", rec.State, state)
			}
			t.Logf("back after %v", time.Since(begin).Round(time.Millisecond))
			return
		}
		if !errors.Is(err, record.ErrUnavailable) || time.Since(begin) > 30*time.Second {
			t.Fatalf("Refresh = %v after %v; want the session", err, time.Since(begin))
		}
		time.Sleep(5 * time.Millisecond) // there is no sign of it
	}
}

func TestFailure_Killed(t *testing.T) {
	t.Parallel()
	server := testredis.New(t, "appendonly", "yes", "appendfsync", "always")
	s := open(t, quick(server))
	k := created(t, s, content("value", time.Hour), 0)
	server.Kill(t)
	wantUnavailable(t, s, k)
	server.Start(t)
	wantBack(t, s, k, record.Live)
}

// A server that stops without closing its connections (R3, R4).
func TestFailure_Paused(t *testing.T) {
	server := testredis.New(t)
	s := open(t, quick(server))
	k := created(t, s, content("value", time.Hour), 0)
	late := newKey()
	server.Pause(t)
	begin := time.Now()
	if _, err := s.Create(t.Context(), late, content("late", time.Hour), 0); !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Create = %v; want unavailable", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("the first call failed after %v; want 1 s at most", took)
	}
	wantUnavailable(t, s, k)
	server.Continue(t)
	wantBack(t, s, k, record.Live)
	if rec := peek(t, s, late); rec.State != record.None {
		t.Errorf("a creation that was answered with an error was made later: %+v", rec)
	}
}

// What was not saved is gone, and that is no error.
func TestFailure_RestartedEmpty(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	s := open(t, quick(server))
	k := created(t, s, content("value", time.Hour), 0)
	server.Kill(t)
	server.Start(t)
	wantBack(t, s, k, record.None)
	created(t, s, content("value", time.Hour), 0)
}

// A full server takes visits and ends, and refuses creations and changes.
func TestFailure_Full(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	s := open(t, on(server))
	var keys []record.Key
	c := content("value", time.Hour)
	c.Subject = "ada"
	for range 10 {
		keys = append(keys, created(t, s, c, 0))
	}
	short := created(t, s, content("value", time.Hour), 0)
	if _, err := s.Replace(t.Context(), short, 0, content("timed", time.Minute)); err != nil {
		t.Fatal(err)
	}
	server.Text(t, "CONFIG", "SET", "maxmemory", strconv.Itoa(testredis.Int(t, server, "memory", "used_memory")/2))
	for _, name := range []string{"Create", "Replace", "Rotate"} {
		if err := everyCall(s, keys[0])[name](); !errors.Is(err, record.ErrFull) {
			t.Errorf("%s = %v; want full", name, err)
		}
	}
	for _, k := range []record.Key{keys[1], short} {
		if rec := refreshed(t, s, k); rec.State == record.None {
			t.Errorf("Refresh at maxmemory = %+v; want the session", rec)
		}
	}
	k := short
	if ended, err := s.End(t.Context(), k, record.Deleted); !ended || err != nil {
		t.Errorf("End at maxmemory = %v, %v; want true", ended, err)
	}
	if rec := peek(t, s, k); rec.State != record.Ended || rec.Reason != record.Deleted {
		t.Errorf("Peek after the end = %v %v; want ended deleted", rec.State, rec.Reason)
	}
	server.Text(t, "CONFIG", "SET", "maxmemory", "0")
	created(t, s, c, 0)
}

func TestOpen_Refuses(t *testing.T) {
	t.Parallel()
	server := testredis.New(t, "maxmemory-policy", "allkeys-lru")
	if _, err := redis.Open(t.Context(), on(server)); !errors.Is(err, redis.ErrEviction) || !strings.Contains(err.Error(), "allkeys-lru") {
		t.Errorf("Open = %v; want an error that names the policy", err)
	}
	server.Kill(t)
	begin := time.Now()
	if _, err := redis.Open(t.Context(), on(server)); !errors.Is(err, record.ErrUnavailable) || !strings.Contains(err.Error(), server.Addr) {
		t.Errorf("Open without a server = %v; want unavailable, with the address", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("Open failed after %v; want 5 s at most", took)
	}
	for name, cfg := range map[string]redis.Config{
		"prefix": {Prefix: "a{b}"}, "timeout": {CommandTimeout: time.Hour}, "connect": {ConnectTimeout: -1}, "database": {Database: 1, Cluster: true}, "both": {Cluster: true, MasterSet: "m"}, "negative": {Replicas: -1},
	} {
		if _, err := redis.Open(t.Context(), cfg); !errors.Is(err, redis.ErrConfig) {
			t.Errorf("Open with a bad %s = %v; want ErrConfig", name, err)
		}
	}
}

// The value of another session is never served (R2).
func TestFailure_ForeignValue(t *testing.T) {
	server := shared.Server(t)
	s := open(t, on(server))
	one, two := created(t, s, content("one", time.Hour), 0), created(t, s, content("two", time.Hour), 0)
	server.Text(t, "COPY", s.LiveName(one), s.LiveName(two), "REPLACE")
	for name, call := range map[string]func() error{
		"Peek":    func() error { _, err := s.Peek(t.Context(), two); return err },
		"Refresh": func() error { _, err := s.Refresh(t.Context(), two); return err },
	} {
		if err := call(); !errors.Is(err, record.ErrUnavailable) {
			t.Errorf("%s = %v; want unavailable", name, err)
		}
	}
	server.Text(t, "SET", s.LiveName(two), "short")
	if _, err := s.Refresh(t.Context(), two); !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Refresh of a damaged value = %v; want unavailable", err)
	}
	if rec := refreshed(t, s, one); string(rec.Value) != "one" {
		t.Errorf("Refresh of another session = %q; want its value", rec.Value)
	}
}

// A server that is a replica now answers READONLY to all that writes (R9).
func TestFailure_Demoted(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	s := open(t, quick(server))
	k := created(t, s, content("value", time.Hour), 0)
	server.Text(t, "REPLICAOF", "127.0.0.1", "1")
	if _, err := s.Refresh(t.Context(), k); !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Refresh at a replica = %v; want unavailable", err)
	}
	server.Text(t, "REPLICAOF", "NO", "ONE")
	wantBack(t, s, k, record.Live)
}
