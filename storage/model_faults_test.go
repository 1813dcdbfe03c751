package storage_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// isAfterEnd reports whether an end may return this error. While an end is owed to the
// file, one that finds nothing live may also say that this is not durable.
func (m *model) isAfterEnd(ended bool, err error) bool {
	m.owes = m.detached && (m.owes || ended)
	if errors.Is(err, storage.ErrNotDurable) {
		return m.owes
	}
	return err == nil && !(m.detached && ended)
}

// fail makes every commit fail, at one of its syncs, until heal. The first one has a
// creation of which nothing may be left.
func (m *model) fail() {
	if m.detached {
		return
	}
	how := rapid.SampledFrom([]fault{firstSync, secondSync}).Draw(m.t, "how")
	m.faults.arm(times(1<<30, how))
	id := "refused" + m.value()
	m.want("Create with a failing disk", m.s.Create(context.Background(), record.KeyOf(id), []byte("x"), record.Lifetime{}), storage.ErrUnavailable)
	m.detached, m.refused = true, append(m.refused, id)
}

// heal lets the storage build its file anew, and waits for that.
func (m *model) heal() {
	if !m.detached {
		return
	}
	m.faults.disarm()
	for start := time.Now(); m.s.Stats().File.State != storage.FileOK; time.Sleep(time.Second) {
		if time.Since(start) > time.Minute {
			m.t.Fatalf("the file is %+v a minute after its disk is well", m.s.Stats().File)
		}
	}
	m.detached = false
	m.flushed()
}

// inBubble hides the test's Deadline, which may not be asked for in a bubble.
type inBubble struct{ rapid.TB }

// The model again, with a disk that fails: whatever is done before, while and after
// the file is detached, nothing is lost, revived, or done that was refused. Time
// passes in a bubble, so pauses between attempts cost none.
func TestModel_Faults(t *testing.T) {
	dir := memoryDir(t)
	n := 0
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(inBubble{t}, func(rt *rapid.T) {
			n++
			clock := testkit.NewClock()
			cfg, f := faultyConfig(t, clock)
			cfg.Database = fmt.Sprintf("%s/%d.db", dir, n)
			cfg = storage.WithMany(cfg, rapid.SampledFrom([]int{0, 1}).Draw(rt, "many"))
			m := &model{t: rt, cfg: cfg, clock: clock, all: map[string]*modelSession{}, faults: f}
			m.reopen()
			defer func() {
				f.disarm()
				if err := m.s.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
					rt.Errorf("Close = %v", err)
				}
			}()
			steps := m.steps()
			maps.Copy(steps, map[string]func(*rapid.T){"fail": m.step(m.fail), "heal": m.step(m.heal)})
			rt.Repeat(steps)
		})
	})
}
