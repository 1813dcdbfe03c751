package storage

import (
	"cmp"
	"errors"
	"fmt"
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
	file  *file.File // the new file

	places []index.Place // of the entries still to write, in file order
}

// These bound one transaction of a rebuild: the entries, as in one of a start, and
// roughly the bytes of their values.
const (
	maxStep      = 50_000
	maxStepBytes = 16 << 20
)

// run returns the new file: open, and durable under its name.
func (r *rebuilder) run() (*file.File, error) {
	fresh := r.path + freshSuffix
	if err := removeIfThere(fresh); err != nil {
		return nil, err
	}
	r.places = r.index.Places()
	slices.SortFunc(r.places, func(a, b index.Place) int { return cmp.Compare(a.Seq, b.Seq) })
	ends := func() []entry.End { return r.index.Tombstones(r.line.Now()) }
	if err := r.file.Rebuild(fresh, r.step, ends); err != nil {
		return nil, fmt.Errorf("write session file %q: %w", fresh, errors.Join(err, removeIfThere(fresh)))
	}
	if err := disk.Rename(fresh, r.path); err != nil {
		return nil, fmt.Errorf("replace session file %q: %w", r.path, err)
	}
	if err := r.file.Open(r.path); err != nil {
		return nil, err
	}
	return r.file, nil
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
