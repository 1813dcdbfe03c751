package storage_test

import (
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"pagesession/storage"
)

// A fault is where a commit fails. A commit writes its pages, syncs, writes its meta
// page, and syncs again.
type fault int

const (
	noFault    fault = iota
	firstSync        // before the meta page is written
	secondSync       // after it; readers of the file then see the commit
)

// faults makes commits of session files fail in this process. plan gets the file and
// how many commits were tried before, and returns the fault that comes.
type faults struct {
	mu    sync.Mutex // protects what follows
	plan  func(n int, path string) fault
	tried int
	err   error
}

// withFaults returns a configuration whose files fail after arm was called.
func withFaults(t *testing.T, cfg storage.Config) (storage.Config, *faults) {
	t.Helper()
	f := &faults{err: syscall.EIO, plan: func(int, string) fault { return noFault }}
	return storage.WithOpened(cfg, func(db *bbolt.DB) {
		path, page := db.Path(), int64(db.Info().PageSize)
		storage.InterceptWrites(db, func(write func([]byte, int64) (int, error), b []byte, at int64) (int, error) {
			if at >= 2*page {
				return write(b, at)
			}
			switch f.next(path) {
			case firstSync:
				return 0, f.err
			case secondSync:
				if n, err := write(b, at); err != nil {
					return n, err
				}
				return 0, f.err
			default:
				return write(b, at)
			}
		})
	}), f
}

func (f *faults) next(path string) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried++
	return f.plan(f.tried-1, path)
}

// arm makes commits fail from now on, as plan says.
func (f *faults) arm(plan func(n int, path string) fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried, f.plan = 0, plan
}

func (f *faults) disarm() { f.arm(func(int, string) fault { return noFault }) }

// times is a plan in which the first commits fail.
func times(n int, how fault) func(int, string) fault {
	return func(tried int, _ string) fault {
		if tried < n {
			return how
		}
		return noFault
	}
}

// isFresh reports whether a file is still being built.
func isFresh(path string) bool { return strings.HasSuffix(path, ".new") }
