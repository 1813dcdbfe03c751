package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pagesession/internal/disk"
)

// Applied says what Apply has done.
type Applied struct {
	Plan
	Kept []string // the names of the replaced files
}

// Pending reports whether a backup waits in the data folder for Apply.
func Pending(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, staged))
	return err == nil
}

// Tidy removes what an interrupted Stage has left in the data folder.
func Tidy(dir string) error {
	return errors.Join(os.RemoveAll(filepath.Join(dir, staging)), os.RemoveAll(filepath.Join(dir, dropped)))
}

// replaced are the files in use that a restore moves aside, in this order: SQLite would take a
// log that stays behind for the log of the next file. accounts.db names the database of the
// folder, so it goes with it; a start writes it again. console.db has operators' sessions, which
// end.
var replaced = []string{AccountsPart + "-wal", AccountsPart + "-shm", AccountsPart, "accounts.db", "console.db"}

// Apply puts the staged files in their places, and does nothing if there are none. No other
// process may have the accounts open, and the caller opens them afterwards. After an error,
// call it again: the files are partly old and partly new.
func Apply(dir string) (done Applied, err error) {
	if !Pending(dir) {
		return done, nil
	}
	return (&applier{dir: dir, rename: disk.Rename}).run()
}

// An applier is one Apply.
type applier struct {
	dir    string
	rename func(from, to string) error // disk.Rename; tests stop at a step
	plan   Plan
}

func (a *applier) run() (done Applied, err error) {
	if err := a.readPlan(); err != nil {
		return done, err
	}
	if err := a.apply(); err != nil {
		return done, fmt.Errorf("finish the restore of a backup in data folder %q: %w; remove the cause and start again", a.dir, err)
	}
	kept, err := keptNames(a.dir, a.plan.Suffix)
	return Applied{a.plan, kept}, err
}

func (a *applier) readPlan() error {
	path := filepath.Join(a.dir, staged, planFile)
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &a.plan)
	}
	if err == nil && !strings.HasPrefix(a.plan.Suffix, keptMark) {
		err = errors.New("it has no suffix")
	}
	if err != nil {
		return fmt.Errorf("read what a restore left in the data folder, %q: %w; if none of the files there ends in %sTIME, remove the folder %q, else restore the backup again",
			path, err, keptMark, filepath.Dir(path))
	}
	return nil
}

func (a *applier) apply() error {
	if a.has(staged, AccountsPart) {
		for _, name := range replaced {
			if err := a.keep(name); err != nil {
				return err
			}
		}
		if err := a.place(AccountsPart); err != nil {
			return err
		}
	}
	for _, name := range []string{KeyPart, SettingsPart} {
		if !a.has(staged, name) {
			continue
		}
		if err := a.keep(name); err != nil {
			return err
		}
		if err := a.place(name); err != nil {
			return err
		}
	}
	if err := a.rename(filepath.Join(a.dir, staged), filepath.Join(a.dir, dropped)); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(a.dir, dropped))
}

func (a *applier) has(elem ...string) bool {
	_, err := os.Lstat(filepath.Join(append([]string{a.dir}, elem...)...))
	return err == nil
}

// keep moves a file aside. The parts of a SQLite database keep the ends of their names.
func (a *applier) keep(name string) error {
	to := name + a.plan.Suffix
	if base, end, ok := strings.Cut(name, AccountsPart); ok && base == "" {
		to = AccountsPart + a.plan.Suffix + end
	}
	err := a.rename(filepath.Join(a.dir, name), filepath.Join(a.dir, to))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// place moves a staged file to its place.
func (a *applier) place(name string) error {
	return a.rename(filepath.Join(a.dir, staged, name), filepath.Join(a.dir, name))
}

// keptNames returns the names of the files that a restore has kept.
func keptNames(dir, suffix string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.Contains(e.Name(), suffix) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

func anyHas(entries []fs.DirEntry, suffix string) bool {
	for _, e := range entries {
		if strings.Contains(e.Name(), suffix) {
			return true
		}
	}
	return false
}
