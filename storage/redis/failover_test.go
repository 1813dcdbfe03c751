package redis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A ledger is what a client knows of its sessions, while a master fails.
type ledger struct {
	mu   sync.Mutex // protects of
	of   map[record.Key]string
	lost atomic.Int64 // sessions that were answered and are gone
	bad  atomic.Int64 // answers with the value of another session, or none of a live one's
	no   atomic.Int64 // calls without an answer
	yes  atomic.Int64
	last atomic.Int64 // when a call last had no answer, in Unix nanoseconds
}

// load creates sessions and refreshes those that it has until the context is done.
func (l *ledger) load(ctx context.Context, s *redis.Store, worker int) {
	var own []record.Key
	for i := 0; ctx.Err() == nil; i++ {
		if i%10 == 0 {
			k, value := newKey(), fmt.Sprintf("%d of %d", i, worker)
			_, err := s.Create(ctx, k, content(value, time.Hour), 0)
			if l.answered(err) {
				own = append(own, k)
				l.mu.Lock()
				l.of[k] = value
				l.mu.Unlock()
			}
			continue
		}
		if len(own) > 0 {
			l.check(ctx, s, own[i%len(own)])
		}
		time.Sleep(time.Millisecond) // the load is not the test
	}
}

func (l *ledger) answered(err error) bool {
	switch {
	case err == nil:
		l.yes.Add(1)
	case errors.Is(err, record.ErrUnavailable):
		l.no.Add(1)
		l.last.Store(time.Now().UnixNano())
	case !errors.Is(err, context.Canceled):
		l.bad.Add(1)
	}
	return err == nil
}

func (l *ledger) check(ctx context.Context, s *redis.Store, k record.Key) {
	l.mu.Lock()
	want := l.of[k]
	l.mu.Unlock()
	rec, err := s.Refresh(ctx, k)
	switch {
	case !l.answered(err):
	case rec.State == record.None:
		l.lost.Add(1)
	case string(rec.Value) != want:
		l.bad.Add(1)
	}
}

// failover runs a load while kill kills a master, and until all is back.
func failover(t *testing.T, s *redis.Store, kill func(), within time.Duration) {
	ctx, stop := context.WithCancel(t.Context())
	l := &ledger{of: map[record.Key]string{}}
	var all sync.WaitGroup
	for worker := range 16 {
		all.Go(func() { l.load(ctx, s, worker) })
	}
	time.Sleep(300 * time.Millisecond)
	killed := time.Now()
	kill()
	for quiet := time.Duration(0); quiet < 2*time.Second; {
		time.Sleep(50 * time.Millisecond)
		since := time.Unix(0, l.last.Load())
		if since.Before(killed) {
			since = killed
		}
		quiet = time.Since(since)
		if time.Since(killed) > 60*time.Second {
			t.Fatal("a minute after the failover, calls still fail")
		}
	}
	stop()
	all.Wait()
	away := time.Unix(0, l.last.Load()).Sub(killed)
	t.Logf("%d answers, %d refused, %d sessions seen as gone; back after %v", l.yes.Load(), l.no.Load(), l.lost.Load(), away.Round(time.Millisecond))
	if l.bad.Load() != 0 {
		t.Errorf("%d wrong answers; want none", l.bad.Load())
	}
	if l.no.Load() == 0 {
		t.Error("no call failed; want the kill to be noticed")
	}
	if away > within {
		t.Errorf("calls failed for %v; want %v at most", away, within)
	}
}

// The Cluster notices after its node timeout of 1 s, and votes for up to about a second.
func TestFailover_Cluster(t *testing.T) {
	c := testredis.NewCluster(t)
	cfg := quick(c.Nodes[0])
	cfg.Addresses, cfg.Cluster = c.Addrs(), true
	s := open(t, cfg)
	failover(t, s, func() { c.Nodes[1].Kill(t) }, clusterTime(t, c))
}

// clusterTime is how long a failover takes at most on a loaded machine, and a second.
func clusterTime(*testing.T, *testredis.Cluster) time.Duration { return 15 * time.Second }

func TestFailover_Sentinel(t *testing.T) {
	c := testredis.NewSentinel(t)
	cfg := quick(c.Master)
	cfg.Addresses, cfg.MasterSet = c.Addrs(), testredis.MasterSet
	s := open(t, cfg)
	failover(t, s, func() { c.Master.Kill(t) }, 20*time.Second)
	if role := c.Replica.Text(t, "INFO", "replication"); !strings.Contains(role, "role:master") {
		t.Errorf("the replica has %s; want it to be the master", role)
	}
}
