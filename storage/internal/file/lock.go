package file

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"pagesession/internal/disk"
)

// A Lock says which process owns a session file. The owner locks Database + ".lock"
// and writes its process number there. bbolt's lock on the session file would not be
// enough: Open replaces that file, and a process that has waited for the old one
// would then own a file without a name. For the same reason the lock file is never
// removed.
type Lock struct{ *flock.Flock }

const lockSuffix = ".lock"

// lockRetry is short, so that an overlapping restart loses little time.
const lockRetry = 20 * time.Millisecond

// Acquire locks database, and waits up to wait for another process to release it. It
// refuses a lock file that is a link, because it writes to that file.
func Acquire(database string, wait time.Duration) (*Lock, error) {
	path := database + lockSuffix
	if err := disk.CheckOwn(path); err != nil {
		return nil, fmt.Errorf("lock session file: %w", err)
	}
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
	err = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
	if err != nil && !disk.IsFull(err) { // the number is only informative
		_ = l.Unlock()
		return nil, fmt.Errorf("lock session file %q: %w", database, err)
	}
	return l, nil
}

// holder returns the process number in the lock file. The owner may be about to
// write it, so holder tries for one second; "": nothing readable appeared. On
// Windows the lock also keeps others from reading.
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

// Retake makes sure that the lock is on the lock file that is at its path now: the
// folder may have been replaced. When another process holds that one, the error is
// ErrInUse and names it, and the lock stays where it is.
func (l *Lock) Retake() error {
	named, err := os.Stat(l.Path())
	mine, err2 := l.Stat()
	if err == nil && err2 == nil && os.SameFile(named, mine) {
		return nil
	}
	next, err := Acquire(strings.TrimSuffix(l.Path(), lockSuffix), 5*lockRetry)
	if err != nil {
		return err
	}
	old := l.Flock
	l.Flock = next.Flock
	return old.Unlock()
}

// Release removes the process number from the lock file and unlocks it.
func (l *Lock) Release() error {
	_ = os.Truncate(l.Path(), 0) // the number is only informative; Windows refuses
	return l.Unlock()
}

// inUse returns the error for a file that process pid holds. pid is "" when the
// number is unknown, as with a stock driver, which knows no lock file.
func inUse(database, pid string) error {
	who := "another process"
	switch pid {
	case "":
	case strconv.Itoa(os.Getpid()):
		who = "this process (" + pid + ")"
	default:
		who = "process " + pid
	}
	return &useError{database, who}
}

type useError struct{ database, who string }

func (e *useError) Error() string {
	return fmt.Sprintf("session file %q is used by %s", e.database, e.who)
}
func (e *useError) Is(target error) bool { return target == ErrInUse }
