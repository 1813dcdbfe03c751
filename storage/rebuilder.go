package storage

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"

	"pagesession/internal/disk"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
)

// A rebuilder makes one attempt to write a new session file from the index, while
// the index goes on. No step waits with a lock held.
type rebuilder struct {
	path  string
	index *index.Index
	line  *clock.Timeline
	lock  *file.Lock
	file  *file.File // the new file
	own   *ownFiles
	log   *slog.Logger

	places []index.Place // of the entries still to write, in file order
}

// These bound one transaction of a rebuild: the entries, as in one of a start, and
// roughly the bytes of their values.
const (
	maxStep      = 50_000
	maxStepBytes = 16 << 20
)

// run returns the new file: open, and durable under its name. Before it touches
// anything, and again before the rename, it makes sure that no other process owns
// the name.
func (r *rebuilder) run() (*file.File, error) {
	fresh := r.path + freshSuffix
	if err := r.lock.Retake(); err != nil {
		return nil, err
	}
	if err := removeIfThere(fresh); err != nil {
		return nil, err
	}
	r.places = r.index.Places()
	slices.SortFunc(r.places, func(a, b index.Place) int { return cmp.Compare(a.Seq, b.Seq) })
	ends := func() []entry.End { return r.index.Tombstones(r.line.Now()) }
	if err := r.file.Rebuild(fresh, r.step, ends); err != nil {
		return nil, fmt.Errorf("write session file %q: %w", fresh, errors.Join(err, removeIfThere(fresh)))
	}
	if err := r.put(fresh); err != nil {
		return nil, fmt.Errorf("replace session file %q: %w", r.path, err)
	}
	if err := r.file.Reopen(r.path); err != nil {
		return nil, err
	}
	return r.file, nil
}

// put gives the fresh file its name.
func (r *rebuilder) put(fresh string) error {
	if err := r.lock.Retake(); err != nil {
		return err
	}
	if err := r.moveAside(); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return r.own.renameClosed(fresh, r.path)
	}
	return r.own.rename(fresh, r.path)
}

// moveAside keeps a file at the name that this process did not write.
func (r *rebuilder) moveAside() error {
	info, err := os.Lstat(r.path)
	if errors.Is(err, os.ErrNotExist) || err == nil && r.own.has(info) {
		return nil
	}
	if err != nil {
		return err
	}
	name, err := file.MoveAside(r.path, foreignSuffix, r.line.Clock.Wall())
	if err == nil {
		r.log.Warn("file of another program was in the place of the session file; it is moved aside", "file", r.path, "moved_to", name)
	}
	return err
}

// ownFiles are the files that this process has put at the session file's name since
// it lost it, as far as they may still be there. They are open, so that no other file
// gets their inode's number.
type ownFiles struct{ files []*os.File }

func (o *ownFiles) open(path string) error {
	f, err := os.Open(path)
	if err == nil {
		o.files = append(o.files, f)
	}
	return err
}

// rename gives a file its name. If the file then has it, also after an error, it is the
// only own one: the others would only take room on the disk.
func (o *ownFiles) rename(from, to string) error {
	var renamed ownFiles
	if err := renamed.open(from); err != nil {
		return err
	}
	err := disk.Rename(from, to)
	if info, lost := os.Lstat(to); lost != nil || !renamed.has(info) {
		renamed.close()
		return err
	}
	o.close()
	*o = renamed
	return err
}

// renameClosed is rename for Windows, which renames no file that is open, and replaces
// none. Whichever file has the name then is an own one: the next attempt must not take
// it for another program's.
func (o *ownFiles) renameClosed(from, to string) error {
	o.close()
	err := disk.Rename(from, to)
	_ = o.open(to) // else it is moved aside, which loses nothing
	return err
}

func (o *ownFiles) has(info os.FileInfo) bool {
	return slices.ContainsFunc(o.files, func(f *os.File) bool {
		own, err := f.Stat()
		return err == nil && os.SameFile(own, info)
	})
}

func (o *ownFiles) close() {
	for _, f := range o.files {
		_ = f.Close() // only read
	}
	o.files = nil
}

// step returns the next entries as they are now. It leaves out sessions that have
// ended since Places listed them; ends from now on are owed.
func (r *rebuilder) step() (entries []*entry.Entry) {
	size := 0
	for len(r.places) > 0 && len(entries) < maxStep && size < maxStepBytes {
		if e := r.index.EntryAt(r.places[0]); e != nil {
			entries = append(entries, e)
			size += len(e.Value)
		}
		r.places = r.places[1:]
	}
	return entries
}
