package move_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pagesession/internal/move"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage"
	"pagesession/storage/record"
)

var (
	pauseSessions = flag.Int("move.sessions", 2000, "sessions of TestMove_Pause")
	pauseFor      = flag.Duration("move.before", 300*time.Millisecond, "how long TestMove_Pause measures before each move")
)

// TestMove_Pause measures how long visits take before and during a move, and how long the
// move takes. It fails only if a visit fails, or waits for a second.
func TestMove_Pause(t *testing.T) {
	server := testredis.New(t)
	s := closed(t, move.New(move.FileOf(openFile(t, storage.SystemClock()))))
	keys := make([]record.Key, *pauseSessions)
	var wait sync.WaitGroup
	for i := range 64 {
		wait.Go(func() {
			for j := i; j < len(keys); j += 64 {
				keys[j] = record.KeyOf(fmt.Sprint(j))
				if _, err := s.Create(context.Background(), keys[j], record.Content{Value: make([]byte, 60), Idle: time.Hour}, 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	for _, to := range []func() move.Side{
		func() move.Side { return openRedis(t, server) },
		func() move.Side { return move.FileOf(openFile(t, storage.SystemClock())) },
	} {
		until := time.Now().Add(*pauseFor)
		before := visits(t, s, keys, func() bool { return time.Now().After(until) })
		begin(t, s, to())
		during := visits(t, s, keys, func() bool { now, _ := s.Progress(); return now.Done })
		now := ended(t, s)
		t.Logf("%d moved in %v; visits before: %v; during: %v", now.Moved, now.Ended.Sub(now.Began).Round(time.Millisecond), before, during)
		if during.most > time.Second || during.n == 0 {
			t.Errorf("during the move %d visits, the longest %v; want some, each within a second", during.n, during.most)
		}
	}
}

// times says how long visits took.
type times struct {
	n                  int
	median, p999, most time.Duration
}

func (m times) String() string {
	return fmt.Sprintf("%d, median %v, p99.9 %v, longest %v", m.n, m.median.Round(time.Microsecond), m.p999.Round(10*time.Microsecond), m.most.Round(10*time.Microsecond))
}

// visits has eight goroutines visit sessions, each a thousand times a second at most.
func visits(t *testing.T, s *move.Store, keys []record.Key, done func() bool) times {
	var all []time.Duration
	var mu sync.Mutex // protects all
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			var own []time.Duration
			for !done() {
				k, begun := keys[rand.IntN(len(keys))], time.Now()
				if rec, err := s.Refresh(context.Background(), k); err != nil || rec.State != record.Live {
					t.Errorf("Refresh = %v, %v; want live", rec.State, err)
				}
				own = append(own, time.Since(begun))
				time.Sleep(time.Millisecond)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, own...)
		})
	}
	wait.Wait()
	if len(all) == 0 {
		return times{}
	}
	slices.Sort(all)
	return times{len(all), all[len(all)/2], all[len(all)*999/1000], all[len(all)-1]}
}

// While Redis is away the move pauses and says so, sessions in the file are served, and it
// goes on by itself.
func TestMove_RedisAway(t *testing.T) {
	server := testredis.New(t)
	from := move.FileOf(openFile(t, storage.SystemClock()))
	redis := openRedis(t, server)
	waits := make(chan struct{})
	s := closed(t, move.New(&once{Side: from, wait: waits}))
	var keys []record.Key
	for i := range 20 {
		keys = append(keys, record.KeyOf(fmt.Sprint(i)))
		if _, err := s.Create(t.Context(), keys[i], record.Content{Idle: time.Hour}, 0); err != nil {
			t.Fatal(err)
		}
	}
	begin(t, s, redis)
	server.Kill(t)
	close(waits)
	until(t, "the move says why it pauses", func() bool { now, _ := s.Progress(); return errors.Is(now.Paused, record.ErrUnavailable) })
	for _, k := range keys {
		if rec, err := s.Refresh(t.Context(), k); err != nil || rec.State != record.Live {
			t.Errorf("Refresh of a session in the file = %v, %v; want live", rec.State, err)
		}
	}
	if ok, err := s.End(t.Context(), keys[0], record.Deleted); ok || !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("End = %v, %v; want ErrUnavailable", ok, err)
	}
	server.Start(t)
	if now := ended(t, s); now.Moved != len(keys) {
		t.Errorf("%d moved; want %d", now.Moved, len(keys))
	}
}

// once hands nothing over until wait is closed.
type once struct {
	move.Side
	wait chan struct{}
}

func (o *once) Handles(ctx context.Context, found func([]record.Handle) error) error {
	<-o.wait
	return o.Side.Handles(ctx, found)
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited a minute until %s", what)
		}
	}
}
