package file

import (
	"math"
	"os"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"pagesession/internal/disk"
)

// A space is what a File has taken of the disk.
//
// bbolt grows a file by ftruncate, which takes no room: that the disk is full shows
// when pages are written. So a File allocates ahead, where the system can
// (fallocate). The owner asks for room in each transaction and decides what to
// refuse, see [Tx.Room]. Once the disk has refused more, bbolt's MaxSize is what is
// allocated: a transaction that does not fit fails before it has written anything.
// Until then one that needs more than it asked for grows the file as bbolt does.
type space struct {
	fd        *os.File  // that of watch
	page      int64     // size of a page
	allocated int64     // the file's size
	sparse    bool      // the system cannot allocate: bbolt grows the file
	refused   time.Time // the disk had no more then
	cause     error     // why there is no more; nil: there may be
}

const (
	// A file grows by half of its size, within these bounds.
	leastGrowth, mostGrowth = 256 << 10, 16 << 20
	// firstRoom is what a file has from the start: the first changes should not wait
	// for it to grow.
	firstRoom = 1 << 20
	// finest is the least that is worth asking a full disk for.
	finest = 64 << 10
	// regrow is how often a full disk is asked again.
	regrow = time.Second
)

// newSpace takes over the file that bbolt has open. What bbolt left unallocated is
// allocated, or cut off where the disk is full.
func (f *File) newSpace() error {
	fd := f.watch.file
	f.space = space{fd: fd, page: int64(f.Conn().Info().PageSize)}
	size, used, err := f.sizes()
	if err != nil {
		return err
	}
	err = allocate(fd, 0, size)
	f.space.sparse = err != nil && !disk.IsFull(err)
	if disk.IsFull(err) && f.cut(used) == nil {
		size = used
	}
	f.space.allocated = size
	f.bound()
	return nil
}

// cut makes the file shorter. Check must not take that for another program's work.
func (f *File) cut(size int64) error {
	err := f.space.fd.Truncate(size)
	if err == nil {
		f.watch.size = min(f.watch.size, size)
	}
	return err
}

// sizes returns the size of the file and what of it is in use.
func (f *File) sizes() (size, used int64, err error) {
	info, err := f.space.fd.Stat()
	if err != nil {
		return 0, 0, err
	}
	err = f.Conn().View(func(tx *bbolt.Tx) error {
		used = tx.Size() + f.space.page
		return nil
	})
	return info.Size(), min(used, info.Size()), err
}

// bound tells bbolt how far it may go.
func (f *File) bound() {
	db := f.Conn()
	db.AllocSize, db.MaxSize = 0, int(min(f.Most(), math.MaxInt))
	if f.space.sparse {
		db.AllocSize = int(min(mostGrowth, f.cfg.MaxSize/8))
	}
}

// Most returns how large the file can get in bytes, as far as is known: on a disk
// that has refused it more, as large as it is.
func (f *File) Most() int64 {
	if f.space.sparse || f.space.cause == nil {
		return f.cfg.MaxSize
	}
	return f.space.allocated
}

// Room returns how many bytes this transaction can surely add to the file, after it
// has tried to have want of them. It may return less, also less than 0, when the
// disk or the largest size of the file is reached; RoomError says which.
func (t *Tx) Room(want int64) (int64, error) {
	f := t.file
	used := t.tx.Size() + f.space.page - f.freed()
	err := f.catchUp(t.tx.Size() + f.space.page)
	if limit := f.space.limit(f.cfg.MaxSize); err == nil && used+want > limit {
		err = f.extend(used + want)
	}
	return f.space.limit(f.cfg.MaxSize) - used, err
}

// limit is what surely fits.
func (s *space) limit(most int64) int64 {
	if s.sparse {
		return most
	}
	return s.allocated
}

// catchUp allocates what bbolt has grown the file by.
func (f *File) catchUp(used int64) error {
	s := &f.space
	if s.sparse || used <= s.allocated {
		return nil
	}
	info, err := s.fd.Stat()
	if err != nil {
		return err
	}
	if allocate(s.fd, s.allocated, info.Size()-s.allocated) == nil {
		s.allocated = info.Size()
	} else {
		s.allocated = used // it is written
	}
	return nil
}

// Cramped reports whether the file cannot get larger, as far as is known.
func (f *File) Cramped() bool { return f.space.cause != nil }

// RoomError is why Room returned less than it was asked for; nil: it did not.
func (f *File) RoomError() error { return f.space.cause }

// freed is what can be used again inside the file. Pages that a reader may still
// see do not count.
func (f *File) freed() int64 {
	st := f.Conn().Stats()
	n := st.FreePageN
	if st.OpenTxN == 0 {
		n += st.PendingPageN
	}
	return int64(n) * f.space.page
}

// extend allocates more, up to a size if the disk has that much. An error is that
// of the fsync.
func (f *File) extend(to int64) error {
	s := &f.space
	growth := min(max(s.allocated/2, leastGrowth), mostGrowth)
	beyond := to > f.cfg.MaxSize
	to = min(max(to, s.allocated+growth), f.cfg.MaxSize)
	switch {
	case s.sparse || to <= s.allocated:
		s.cause = berrors.ErrMaxSizeReached
		f.bound()
		return nil
	case time.Since(s.refused) < regrow:
		return nil
	}
	if s.cause = nil; beyond {
		s.cause = berrors.ErrMaxSizeReached
	}
	for more := to - s.allocated; more > 0; more /= 2 {
		err := allocate(s.fd, s.allocated, more)
		switch {
		case err == nil:
			s.allocated += more
			f.bound()
			return s.fd.Sync() // as bbolt does when it grows a file
		case !disk.IsFull(err):
			s.sparse = true
			f.bound()
			return nil
		}
		if s.cause = err; more <= finest {
			s.refused = time.Now()
			f.bound()
			return nil
		}
		_ = f.cut(s.allocated) // ext4 keeps what it could have
	}
	return nil
}
