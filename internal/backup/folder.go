package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"pagesession/internal/disk"
)

// A Folder keeps the newest backups of one or several servers. Only files that have the names of
// its own backups are listed and removed.
type Folder struct {
	Path string
	Keep int // how many backups
}

// ownName is the name of a backup in a folder: when it was made, in UTC, so the order of names is
// that of time.
var ownName = regexp.MustCompile(`^pagesession-(\d{8}T\d{6}Z)\.tar$`)

func nameAt(at time.Time) string { return "pagesession-" + at.UTC().Format(timeForm) + ".tar" }

// IsOwn reports whether a backup in a folder can have this name. It has no path.
func IsOwn(name string) bool { return ownName.MatchString(name) }

// Names returns the names of the backups, the newest first. A missing folder has none.
func (f Folder) Names() ([]string, error) {
	entries, err := os.ReadDir(f.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && IsOwn(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	return names, nil
}

// List returns the backups, the newest first. Of one whose beginning cannot be read Problem says
// why.
func (f Folder) List() ([]Kept, error) {
	names, err := f.Names()
	if err != nil {
		return nil, err
	}
	list := make([]Kept, len(names))
	for i, name := range names {
		list[i] = f.read(name)
	}
	return list, nil
}

// A Kept is a backup in a folder.
type Kept struct {
	Info
	Problem string // why it cannot be restored, as far as its beginning tells; "" for nothing
}

func (f Folder) read(name string) Kept {
	path := filepath.Join(f.Path, name)
	m, err := ReadManifest(path)
	if err != nil {
		m.Time = timeOf(name)
	}
	k := Kept{}
	var failed error
	if k.Info, failed = infoOf(path, m); failed != nil {
		k.Name = name
	}
	if err = errors.Join(err, failed); err != nil {
		k.Problem = err.Error()
	}
	return k
}

// timeOf returns the time in the name of a backup.
func timeOf(name string) time.Time {
	at, _ := time.Parse(timeForm, ownName.FindStringSubmatch(name)[1]) // zero for a 13th month
	return at
}

// Last returns when the newest backup was made; zero if there is none. One with a time after now
// does not count: the clock was wrong.
func (f Folder) Last(now time.Time) (time.Time, error) {
	names, err := f.Names()
	past, _ := split(names, now)
	if err != nil || len(past) == 0 {
		return time.Time{}, err
	}
	return timeOf(past[0]), nil
}

// split returns the names with a time up to now, and those with a later one.
func split(names []string, now time.Time) (past, later []string) {
	end := slices.IndexFunc(names, func(name string) bool { return !timeOf(name).After(now) })
	if end < 0 {
		return nil, names
	}
	return names[end:], names[:end]
}

// Open opens a backup to read it. Errors: fs.ErrNotExist, also for a name that is not one of a
// backup.
func (f Folder) Open(name string) (*os.File, int64, error) {
	path := filepath.Join(f.Path, name)
	if !IsOwn(name) {
		return nil, 0, fmt.Errorf("backup %q: %w", name, fs.ErrNotExist)
	}
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("backup %q: %w", name, fs.ErrNotExist)
	}
	return open(path)
}

// Add makes a backup. It makes a missing folder, but not the folder that this one is in. After an
// error no backup has been removed or added.
func (f Folder) Add(ctx context.Context, src Source) (Info, error) {
	if err := os.Mkdir(f.Path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return Info{}, fmt.Errorf("make the folder for backups: %w", err)
	}
	if err := disk.CheckFolder(f.Path); err != nil { // others could put their accounts there
		return Info{}, err
	}
	f.removeLeft(src.Now())
	return src.Create(ctx, filepath.Join(f.Path, nameAt(src.Now())))
}

// Prune removes the oldest backups beyond Keep, and never the one that was just made. Those with a
// time after now count as the oldest, because a wrong clock has made them.
func (f Folder) Prune(made string, now time.Time) error {
	names, err := f.Names()
	names = slices.DeleteFunc(names, func(name string) bool { return name == made })
	past, later := split(names, now)
	names = slices.Concat(past, later)
	for _, name := range names[min(len(names), f.Keep-1):] {
		err = errors.Join(err, removeIfThere(filepath.Join(f.Path, name)))
	}
	return err
}

// leftAfter is longer than a backup takes, also that of another server in the same folder.
const leftAfter = time.Hour

// removeLeft removes what killed servers have left half made.
func (f Folder) removeLeft(now time.Time) { removeOld(f.Path, TempPrefix+"*.new", now) }

// RemoveUntaken removes backups that Create made in a data folder for a command that was killed
// before it took them away: a command at the end of a pipe, or with a time limit.
func RemoveUntaken(dir string, now time.Time) { removeOld(dir, TempPrefix+"*.tar", now) }

// removeOld removes the files of a pattern that are older than leftAfter.
func removeOld(dir, pattern string, now time.Time) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		info, err := e.Info()
		if ok, _ := filepath.Match(pattern, e.Name()); ok && err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()) > leftAfter {
			_ = os.Remove(filepath.Join(dir, e.Name())) // the next one tries again
		}
	}
}
