package storage_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A hungDisk keeps commits from finishing. It does so when the wall clock is read,
// which is the last step before the write.
type hungDisk struct {
	*testkit.Clock
	until atomic.Pointer[chan struct{}] // nil: the disk works
	hung  chan struct{}                 // receives when a commit hangs
}

func (c *hungDisk) Wall() time.Time {
	if until := c.until.Load(); until != nil {
		c.hung <- struct{}{}
		<-*until
	}
	return c.Clock.Wall()
}

// hang makes the next commit hang until the returned function is called.
func (c *hungDisk) hang() (release func()) {
	until := make(chan struct{})
	c.until.Store(&until)
	return func() {
		c.until.Store(nil)
		close(until)
	}
}

func openHung(t *testing.T) (storage.Config, *storage.Storage, *hungDisk) {
	t.Helper()
	disk := &hungDisk{Clock: testkit.NewClock(), hung: make(chan struct{}, 1000)}
	cfg := testConfig(t, disk)
	cfg.Database, cfg.QueueTimeout = memoryDir(t)+"/sessions.db", 100*time.Millisecond
	return cfg, open(t, cfg), disk
}

// A change whose commit hangs gets its error in time and is not made, neither when
// the commit finishes nor after a crash that follows.
func TestHung_ChangeIsTakenBack(t *testing.T) {
	heir := record.KeyOf("heir")
	for name, change := range map[string]func(*storage.Storage, record.Key) error{
		"Create": func(s *storage.Storage, _ record.Key) error {
			return s.Create(context.Background(), heir, []byte("x"), idle20)
		},
		"Replace": func(s *storage.Storage, k record.Key) error {
			return s.Replace(context.Background(), k, []byte("x"), time.Hour)
		},
		"Set": func(s *storage.Storage, _ record.Key) error { return s.Set("a", []byte("x"), time.Hour) },
		"Rotate": func(s *storage.Storage, k record.Key) error {
			return s.Rotate(context.Background(), k, heir, []byte("x"), time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, s, disk := openHung(t)
			k := mustCreate(t, s, "a", idle20)
			release := disk.hang()
			if err := change(s, k); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("%s with a hung disk = %v; want ErrUnavailable", name, err)
			}
			release()
			eventually(t, "the disk goes on", func() bool { return s.Sync(context.Background()) == nil })
			for when, s := range map[string]*storage.Storage{"when the disk goes on": s, "after a crash": crashed(t, cfg)} {
				r := s.Peek(k)
				if r.State != record.Live || string(r.Value) != "value of a" || r.IdleTimeout != 20*time.Second {
					t.Errorf("%s: %v %q, idle timeout %v; want the session as it was", when, r.State, r.Value, r.IdleTimeout)
				}
				wantStatus(t, s, heir, record.None, record.NoReason)
			}
		})
	}
}

// Other changes wait for one timeout at most, whether they share the hung commit or
// come after it.
func TestHung_AllAreAnsweredInTime(t *testing.T) {
	_, s, disk := openHung(t)
	k := mustCreate(t, s, "a", idle20)
	release := disk.hang()
	defer release()
	answers := make(chan error)
	begin := time.Now()
	const callers = 20
	for range callers {
		go func() { answers <- s.Replace(context.Background(), k, []byte("x"), time.Hour) }()
	}
	<-disk.hung
	for range callers {
		if err := <-answers; !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("Replace = %v; want ErrUnavailable", err)
		}
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("the last answer came after %v; want about 100ms", took)
	}
}

// The deadline of a change's context counts as QueueTimeout does, also while the disk
// is at work. Package session bounds a change that is made again like this.
func TestHung_DeadlineOfTheContext(t *testing.T) {
	cfg, s, disk := openHung(t)
	k := mustCreate(t, s, "a", idle20)
	must(t, s.Close())
	cfg.QueueTimeout = time.Minute
	s = open(t, cfg)
	release := disk.hang()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := s.Replace(ctx, k, []byte("x"), time.Hour); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Replace with a hung disk = %v; want ErrUnavailable", err)
	}
	release()
	must(t, s.Sync(context.Background()))
	if r := s.Peek(k); string(r.Value) != "value of a" {
		t.Errorf("the session has %q; want it as it was", r.Value)
	}
}
