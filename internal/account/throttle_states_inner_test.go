package account

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"
)

// A tester is a throttle whose errors fail the test.
type tester struct {
	*throttle
	t    testing.TB
	left func() int // keys that are remembered
	at   func(time.Time)
}

func (th *tester) begin(now time.Time, a attempt) (counted, *delay) {
	th.t.Helper()
	th.at(now)
	c, no, err := th.throttle.begin(th.t.Context(), now, a)
	if err != nil {
		th.t.Fatal(err)
	}
	return c, no
}

func (th *tester) end(now time.Time, c counted, how ending) {
	th.t.Helper()
	th.at(now)
	if err := th.throttle.end(th.t.Context(), now, c, how); err != nil {
		th.t.Fatal(err)
	}
}

// guess makes a wrong guess, and reports whether it was checked.
func (th *tester) guess(now time.Time, a attempt) bool {
	th.t.Helper()
	c, no := th.begin(now, a)
	if no != nil {
		return false
	}
	th.end(now, c, wrong)
	return true
}

// inMemory returns a throttle of one server.
func inMemory(t testing.TB) *tester {
	th := newThrottle()
	c := th.state.(*memoryState).counts
	return &tester{th, t, func() int { return len(c.tries) + len(c.lines.names) + len(c.lines.held) }, func(time.Time) {}}
}

// onServers returns throttles of servers that share their counts.
func onServers(t testing.TB, n int) (all []*tester, shared *fakeShared) {
	t.Helper()
	shared = &fakeShared{values: map[string][]byte{}}
	for range n {
		th, err := newSharedThrottle(shared, []byte("the key of all servers"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &tester{th, t, func() int { return len(shared.values) }, func(at time.Time) { shared.now = at }})
	}
	return all, shared
}

// eachState runs a test with the counts of one server and with those of several.
func eachState(t *testing.T, test func(t *testing.T, newThrottle func() *tester)) {
	t.Run("Memory", func(t *testing.T) { test(t, func() *tester { return inMemory(t) }) })
	t.Run("Shared", func(t *testing.T) {
		test(t, func() *tester {
			all, _ := onServers(t, 1)
			return all[0]
		})
	})
}

// A fakeShared keeps values in memory. It expires none: the rules decide.
type fakeShared struct {
	mu     sync.Mutex // protects what follows
	values map[string][]byte
	now    time.Time
	lost   int   // Swaps that are refused, as if another server were faster
	err    error // of each call
}

func (f *fakeShared) Read(_ context.Context, fields ...string) (values [][]byte, _ time.Time, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, field := range fields {
		values = append(values, f.values[field])
	}
	return values, f.now, f.err
}

func (f *fakeShared) Swap(_ context.Context, changes ...SharedChange) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost > 0 {
		f.lost--
		return false, f.err
	}
	for _, c := range changes {
		if !bytes.Equal(f.values[c.Field], c.Was) {
			return false, f.err
		}
	}
	for _, c := range changes {
		if f.values[c.Field] = c.Value; len(c.Value) == 0 {
			delete(f.values, c.Field)
		}
	}
	return true, f.err
}

func (f *fakeShared) Fields(context.Context) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Collect(maps.Keys(f.values)), f.err
}
