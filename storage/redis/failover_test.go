package redis_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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
	busy atomic.Int64 // calls without an answer that say nothing, see plain

	plain plain
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
		if l.plain.waits() {
			l.busy.Add(1)
		} else {
			l.last.Store(time.Now().UnixNano())
		}
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

// A plain client asks every 20 ms whether the failover is over. While it waits for 200 ms, the machine is
// too busy for calls whose limit is 500 ms, whatever the store does: they fail and say
// nothing about the store, and so do those until the store has tried again.
type plain struct{ asked, slow atomic.Int64 } // when; in Unix nanoseconds, 0: no question is open, none was slow

const (
	slowAnswer = 200 * time.Millisecond
	triesAgain = time.Second // after the limit of a call and the pauses of a breaker
)

// ask asks until the context is done.
func (p *plain) ask(ctx context.Context, question func() bool) {
	for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		begun := time.Now()
		p.asked.Store(begun.UnixNano())
		if question(); time.Since(begun) > slowAnswer {
			p.slow.Store(time.Now().UnixNano())
		}
		p.asked.Store(0)
	}
}

// waits reports whether the client waits now, or did a short while ago.
func (p *plain) waits() bool {
	now, asked := time.Now().UnixNano(), p.asked.Load()
	return asked != 0 && now-asked > int64(slowAnswer) || now-p.slow.Load() < int64(triesAgain)
}

// within is how long after the new master is there calls may still fail. Usually it is a
// quarter of a second; the rest is for a busy machine.
const within = 2 * time.Second

// failover runs a load while a master is killed, and until all is back. done says whether
// the failover itself is over.
func failover(t *testing.T, s *redis.Store, master *testredis.Server, done func() bool) {
	ctx, stop := context.WithCancel(t.Context())
	l := &ledger{of: map[record.Key]string{}}
	var all sync.WaitGroup
	for worker := range 16 {
		all.Go(func() { l.load(ctx, s, worker) })
	}
	time.Sleep(300 * time.Millisecond)
	killed := time.Now()
	master.Kill(t)
	until(t, "the failover is over", done)
	promoted := time.Now()
	all.Go(func() { l.plain.ask(ctx, done) })
	for quiet := time.Duration(0); quiet < within+within/2; time.Sleep(20 * time.Millisecond) {
		last := time.Unix(0, l.last.Load())
		if last.Before(promoted) {
			last = promoted
		}
		quiet = time.Since(last)
		if time.Since(promoted) > 30*time.Second {
			t.Fatal("30 s after the failover, calls still fail")
		}
	}
	stop()
	all.Wait()
	after := time.Unix(0, l.last.Load()).Sub(promoted)
	t.Logf("%d answers, %d refused (%d while the machine was too busy), %d sessions seen as gone; failover after %v, the last call failed %v later",
		l.yes.Load(), l.no.Load(), l.busy.Load(), l.lost.Load(), promoted.Sub(killed).Round(time.Millisecond), after.Round(time.Millisecond))
	if l.bad.Load() != 0 {
		t.Errorf("%d wrong answers; want none", l.bad.Load())
	}
	if l.no.Load() == 0 {
		t.Error("no call failed; want the kill to be noticed")
	}
	if after > within {
		t.Errorf("calls failed until %v after the failover; want %v at most", after, within)
	}
}

// The Cluster notices after its node timeout of 1 s, and votes for up to about a second. The
// failover is over when the replica is the master and takes a plain client's write.
func TestFailover_Cluster(t *testing.T) {
	t.Parallel()
	c := testredis.NewCluster(t)
	cfg := quick(c.Nodes[0])
	cfg.Addresses, cfg.Cluster = c.Addrs(), true
	name := ""
	for i := 0; !(name != "" && slotOf(t, c, name) > 16384/3 && slotOf(t, c, name) < 2*16384/3); i++ {
		name = strconv.Itoa(i)
	}
	failover(t, open(t, cfg), c.Nodes[1], func() bool {
		_, err := c.Nodes[4].Do("SET", name, "1")
		return err == nil
	})
}

func slotOf(t *testing.T, c *testredis.Cluster, name string) int {
	t.Helper()
	slot, err := strconv.Atoi(c.Nodes[0].Text(t, "CLUSTER", "KEYSLOT", name))
	if err != nil {
		t.Fatal(err)
	}
	return slot
}

// The failover of a Sentinel is over when all sentinels name the new master.
func TestFailover_Sentinel(t *testing.T) {
	t.Parallel()
	c := testredis.NewSentinel(t)
	cfg := quick(c.Master)
	cfg.Addresses, cfg.MasterSet = c.Addrs(), testredis.MasterSet
	_, port, _ := strings.Cut(c.Replica.Addr, ":")
	failover(t, open(t, cfg), c.Master, func() bool {
		for _, one := range c.Sentinels {
			m, err := one.Do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", testredis.MasterSet)
			if err != nil {
				t.Error(err)
				return false
			}
			if at, err := m.AsStrSlice(); err != nil || at[1] != port {
				return false
			}
		}
		return true
	})
}
