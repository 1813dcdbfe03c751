package redis_test

import (
	"context"
	"crypto/tls"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A call that is given up leaves its answer to no other call (R1), and costs no connection
// (R5).
func TestTrap_CancelledCalls(t *testing.T) {
	server := testredis.New(t)
	s := open(t, on(server))
	keys := make([]record.Key, 64)
	for i := range keys {
		keys[i] = created(t, s, content(strconv.Itoa(i), time.Hour), 0)
		refreshed(t, s, keys[i])
	}
	before := testredis.Int(t, server, "stats", "total_connections_received")
	var all sync.WaitGroup
	for i, k := range keys {
		all.Go(func() {
			for range 200 {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Duration(i)*5*time.Microsecond, cancel)
				rec, err := s.Refresh(ctx, k)
				if err == nil && string(rec.Value) != strconv.Itoa(i) {
					t.Errorf("Refresh of session %d = %q", i, rec.Value)
				}
				cancel()
			}
		})
	}
	all.Wait()
	// Each INFO has a connection of its own.
	if n := testredis.Int(t, server, "stats", "total_connections_received") - before; n != 1 {
		t.Errorf("%d connections were made during cancelled calls; want none", n-1)
	}
}

// A connection over TLS needs a certificate for the address that it uses (R12).
func TestTrap_TLS(t *testing.T) {
	server := shared.Server(t)
	for name, want := range map[string]bool{"127.0.0.1": true, "redis.example": false} {
		cert := testkit.NewCertificate(t, time.Now().Add(time.Hour), name)
		p := startProxy(t, server.Addr, &tls.Config{GetCertificate: cert.Get})
		cfg := on(server)
		cfg.Addresses, cfg.TLS = []string{p.addr}, cert.Trusted("")
		s, err := redis.Open(t.Context(), cfg)
		if err == nil {
			created(t, s, content("value", time.Hour), 0)
			err = s.Close()
		}
		if ok := err == nil; ok != want {
			t.Errorf("with a certificate for %s: %v; want success: %v", name, err, want)
		}
		if err != nil && !errors.Is(err, redis.ErrTLS) {
			t.Errorf("Open = %v; want %v", err, redis.ErrTLS)
		}
	}
}

// A connection on which nothing arrives any more (R4): a cable was pulled, or a firewall
// forgot it.
func TestTrap_HalfOpenConnection(t *testing.T) {
	server := testredis.New(t)
	p := startProxy(t, server.Addr, nil)
	cfg := quick(server)
	cfg.Addresses = []string{p.addr}
	s := open(t, cfg)
	k, late := created(t, s, content("value", time.Hour), 0), newKey()
	p.hold()
	begin := time.Now()
	if _, err := s.Create(t.Context(), late, content("late", time.Hour), 0); !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Create = %v; want unavailable", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("the first call failed after %v; want 1 s at most", took)
	}
	wantUnavailable(t, s, k)
	p.release() // old connections deliver what they held
	wantBack(t, s, k, record.Live)
	if rec := peek(t, s, late); rec.State != record.None {
		t.Errorf("a creation that was answered with an error was made later: %+v", rec)
	}
}
