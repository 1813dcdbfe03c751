package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A caller who cancels while others are answered can rely on the answer: nil means
// done, an error means not done, now or later.
func TestSet_CancelledIsDoneOrNot(t *testing.T) {
	const callers, each = 16, 100
	s := open(t, testConfig(t, testkit.NewClock()))
	var all sync.WaitGroup
	var mu sync.Mutex
	want := map[string]record.State{}
	for caller := range callers {
		all.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d of %d", i, caller)
				status := cancelledSet(t, s, id, 10*(i%20))
				mu.Lock()
				want[id] = status
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if err := s.Sync(context.Background()); err != nil {
		t.Fatalf("Sync() = %v", err)
	}
	counts := map[record.State]int{}
	for id, status := range want {
		counts[status]++
		r := s.Peek(record.KeyOf(id))
		if r.State != status || status == record.Live && string(r.Value) != id {
			t.Errorf("Peek(%q) = %v, %q; want %v and its id", id, r.State, r.Value, status)
		}
	}
	if counts[record.Live] == 0 {
		t.Error("no call was done")
	}
	t.Logf("%d done, %d cancelled", counts[record.Live], counts[record.None])
}

// cancelledSet stores an id as its own value. It cancels after other goroutines have
// run that many times. It returns the state that the answer means.
func cancelledSet(t *testing.T, s *storage.Storage, id string, turns int) record.State {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		for range turns {
			runtime.Gosched()
		}
		cancel()
	}()
	err := s.SetWithContext(ctx, id, []byte(id), 20*time.Second)
	switch {
	case err == nil:
		return record.Live
	case !errors.Is(err, context.Canceled):
		t.Errorf("SetWithContext(%q) = %v; want nil or %v", id, err, context.Canceled)
	}
	return record.None
}

// A change whose context is done is not made, and says so.
func TestCancel_EveryChange(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	k := mustCreate(t, s, "a", idle20)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for name, change := range map[string]func() error{
		"Create":  func() error { return s.Create(done, record.KeyOf("b"), []byte("x"), idle20) },
		"Replace": func() error { return s.Replace(done, k, []byte("x"), time.Hour) },
		"Rotate":  func() error { return s.Rotate(done, k, record.KeyOf("b"), []byte("x"), time.Hour) },
		"End":     func() error { _, err := s.End(done, k, record.Revoked); return err },
		"EndMany": func() error { _, err := s.EndMany(done, []record.Key{k}, record.Revoked); return err },
		"EndAll":  func() error { _, err := s.EndAll(done, record.Revoked); return err },
		"Sync":    func() error { return s.Sync(done) },
		"Backup":  func() error { _, err := s.Backup(done, io.Discard); return err },
	} {
		if err := change(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s = %v; want context.Canceled", name, err)
		}
	}
	wantValue(t, s, "a", "value of a")
	wantStatus(t, s, record.KeyOf("b"), record.None, record.NoReason)
}
