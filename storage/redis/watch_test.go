package redis_test

import (
	"sync/atomic"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
)

// A thousand watches cost few commands, and an end by another server is noticed within 3 s.
// The test needs Redis's own time.
func TestStore_Watch_Many(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	cfg := on(server)
	s, other := open(t, cfg), open(t, cfg)
	const watched = 1000
	woken := make(chan record.Key, watched)
	var keys []record.Key
	for range watched {
		k := created(t, other, content("value", time.Hour), 0)
		keys = append(keys, k)
		defer s.Watch(k, func() {
			select {
			case woken <- k:
			default:
			}
		})()
	}
	time.Sleep(1500 * time.Millisecond)
	server.Text(t, "CONFIG", "RESETSTAT")
	begun := time.Now()
	time.Sleep(3 * time.Second)
	asked, took := testredis.Int(t, server, "stats", "total_commands_processed"), time.Since(begun)
	t.Logf("%d watches: %.0f commands a second", watched, float64(asked)/took.Seconds())
	if most := 700 * took.Seconds(); float64(asked) > most {
		t.Errorf("%d commands in %v; want at most %.0f", asked, took, most)
	}
	if len(woken) != 0 {
		t.Errorf("%d watches of live sessions were woken", len(woken))
	}
	for _, k := range keys[:10] {
		if ended, err := other.End(t.Context(), k, record.Deleted); !ended || err != nil {
			t.Fatalf("End = %v, %v", ended, err)
		}
	}
	late, seen := time.After(3*time.Second), map[record.Key]bool{}
	for len(seen) < 10 {
		select {
		case k := <-woken:
			seen[k] = true
		case <-late:
			t.Fatalf("%d of 10 ends were noticed within 3 s", len(seen))
		}
	}
	for _, k := range keys[10:] {
		if seen[k] {
			t.Error("the watch of a live session was woken")
		}
	}
}

// Watches of one key share a question, and one that stopped is not woken.
func TestStore_Watch_Shared(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	cfg := on(server)
	s, other := open(t, cfg), open(t, cfg)
	k := created(t, s, content("value", time.Hour), 0)
	var stopped atomic.Int64
	woken := make(chan struct{}, 1000)
	for range 100 {
		s.Watch(k, func() { stopped.Add(1) })()
		defer s.Watch(k, func() { woken <- struct{}{} })()
	}
	if ended, err := other.End(t.Context(), k, record.Deleted); !ended || err != nil {
		t.Fatalf("End = %v, %v", ended, err)
	}
	for i := range 100 {
		select {
		case <-woken:
		case <-time.After(3 * time.Second):
			t.Fatalf("%d of 100 watches were woken within 3 s", i)
		}
	}
	if n := stopped.Load(); n != 0 {
		t.Errorf("%d calls after stop; want none", n)
	}
}

func TestStore_Stats(t *testing.T) {
	s := open(t, on(shared.Server(t)))
	var keys []record.Key
	for range 4 {
		keys = append(keys, created(t, s, content("value", time.Hour), 0))
	}
	refreshed(t, s, keys[0])
	refreshed(t, s, newKey()) // there is none
	if _, err := s.Rotate(t.Context(), keys[0], newKey(), 0, content("moved", time.Hour)); err != nil {
		t.Fatal(err)
	}
	for i, why := range []record.Reason{record.NoReason, record.Revoked, record.Revoked} {
		if _, err := s.End(t.Context(), keys[i+1], why); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.End(t.Context(), keys[1], record.Revoked); err != nil { // it has ended
		t.Fatal(err)
	}
	got := s.Stats()
	if got.Refreshes != 1 || got.Creations != 4 || got.Deleted != 1 || got.Revoked != 2 || got.Replaced != 1 || got.TimedOut != 0 || got.Calls.Count() < 10 || got.CallTotal <= 0 {
		t.Errorf("Stats = %+v; want 1 refresh, 4 creations, 1 deleted, 2 revoked, 1 replaced, and the calls", got)
	}
	if n, err := s.Count(t.Context()); n != 1 || err != nil {
		t.Errorf("Count = %d, %v; want 1", n, err)
	}
}

// When a node of a Cluster is back, all its tags are soon, also without calls.
func TestHealth_ClusterWithoutCalls(t *testing.T) {
	t.Parallel()
	c := testredis.NewCluster(t)
	cfg := on(c.Nodes[0])
	cfg.Addresses, cfg.Cluster = c.Addrs(), true
	s := open(t, cfg)
	s.FailAll()
	if away := s.Health().Away; away != 1 {
		t.Errorf("Health().Away = %v; want 1", away)
	}
	until(t, "Health says that Redis is there", func() bool { return s.Health().Away == 0 })
}

// An outage is noticed without calls, and its end.
func TestHealth_WithoutCalls(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	cfg := on(server)
	cfg.CommandTimeout = 500 * time.Millisecond
	s := open(t, cfg)
	server.Kill(t)
	until(t, "Health says that Redis is away", func() bool { h := s.Health(); return h.Away == 1 && h.Cause != nil && !h.Since.IsZero() })
	server.Start(t)
	until(t, "Health says that Redis is there", func() bool { h := s.Health(); return h.Away == 0 && h.Cause == nil })
}
