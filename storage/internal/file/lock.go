package file

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// A Lock says who owns a session file. The owner holds it on Database + ".lock", and
// writes its process number there. bbolt's lock on the session file is not enough:
// Open replaces that file, and a process that had waited for the old one would own
// a file without a name. For the same reason the lock file is never removed.
type Lock struct{ *flock.Flock }

// lockRetry is short enough that an overlapping restart loses no time.
const lockRetry = 20 * time.Millisecond

// Acquire waits up to wait for the lock on database.
func Acquire(database string, wait time.Duration) (*Lock, error) {
	path := database + ".lock"
	l := &Lock{flock.New(path, flock.SetPermissions(0o600))}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	ok, err := l.TryLockContext(ctx, lockRetry)
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("lock session file %q: %w", database, err)
	}
	if !ok {
		return nil, inUse(database, holder(path))
	}
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		_ = l.Unlock()
		return nil, fmt.Errorf("lock session file %q: %w", database, err)
	}
	return l, nil
}

// holder is the process that wrote itself into the lock file; it may be about to.
// It is "" if nothing readable appears: Windows locks the text as well.
func holder(path string) string {
	const tries = 50
	for range tries {
		b, _ := os.ReadFile(path)
		if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
			return strconv.Itoa(pid)
		}
		time.Sleep(lockRetry)
	}
	return ""
}

// Release takes our name out of the lock file and unlocks it.
func (l *Lock) Release() error {
	_ = os.Truncate(l.Path(), 0) // only for the eye; refused on Windows
	return l.Unlock()
}

// inUse is the error for a file that process pid holds; "" is one that is not
// known by number, such as a stock driver that does not know the lock file.
func inUse(database, pid string) error {
	who := "another process"
	if pid != "" {
		who = "process " + pid
	}
	return &useError{database, who}
}

type useError struct{ database, who string }

func (e *useError) Error() string        { return e.database + " is in use by " + e.who }
func (e *useError) Is(target error) bool { return target == ErrInUse }
