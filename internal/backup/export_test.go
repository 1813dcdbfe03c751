package backup

import (
	"errors"

	"pagesession/internal/disk"
)

// ErrCrash is where a test ends a run.
var ErrCrash = errors.New("the process ends here")

// upTo returns a rename that works n times, and then ends the run.
func upTo(n int) func(from, to string) error {
	return func(from, to string) error {
		if n--; n < 0 {
			return ErrCrash
		}
		return disk.Rename(from, to)
	}
}

// ApplyUpTo is Apply that ends before rename n+1.
func ApplyUpTo(dir string, n int) error {
	_, err := (&applier{dir: dir, rename: upTo(n)}).run()
	return err
}

// UpTo returns a target whose Stage ends before rename n+1.
func (t Target) UpTo(n int) Target {
	t.rename = upTo(n)
	return t
}
