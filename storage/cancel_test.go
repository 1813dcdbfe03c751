package storage_test

import (
	"context"
	"errors"
	"fmt"
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
	if err := s.Sync(); err != nil {
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
