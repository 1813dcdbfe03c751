package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"pagesession/internal/boltfile"
	"pagesession/internal/disk"
)

// settle says what became of a transaction whose commit failed. nil: it is durable
// after all. ErrNoRoom: it is known not to have happened, and can be tried again on
// the same file when there is room. Any other error: it is unknown what the disk
// holds, and this file must not be written any more.
func (f *File) settle(id int, cause error) error {
	switch {
	case f.space.fd == nil: // it is being built, and nothing is lost
		return cause
	case isNoMemory(cause): // it failed before anything was written
		f.unmapped = true
		return errors.Join(fmt.Errorf("%w: %w", ErrNoRoom, cause), f.remap())
	case !isFull(cause):
		return cause
	case !f.Advanced(id):
		return fmt.Errorf("%w: %w", ErrNoRoom, cause)
	}
	if err := f.rewriteMeta(id); err != nil {
		return fmt.Errorf("%w, and then: %w", cause, err)
	}
	return nil
}

func isFull(err error) bool {
	return disk.IsFull(err) || errors.Is(err, berrors.ErrMaxSizeReached)
}

// isNoMemory tells that bbolt could not map the file at its new size. It keeps only
// the text of the system's error.
func isNoMemory(err error) bool {
	return strings.HasPrefix(err.Error(), "mmap allocate error") && strings.Contains(err.Error(), syscall.ENOMEM.Error())
}

// rewriteMeta makes the commit with that number durable whose last fsync found the
// disk full. Its pages are durable: their fsync succeeded before the meta page was
// written. A failed fsync takes a page for clean that is not on the disk, so the
// meta page is written once more: then it is dirty again, and the fsync speaks of it.
func (f *File) rewriteMeta(id int) error {
	at := int64(id%2) * f.space.page
	b := make([]byte, f.space.page)
	if _, err := f.space.fd.ReadAt(b, at); err != nil {
		return err
	}
	if got := binary.LittleEndian.Uint64(b[boltfile.TxIDAt:]); got != uint64(id) {
		return fmt.Errorf("meta page of commit %d instead of %d", got, id)
	}
	if _, err := f.space.fd.WriteAt(b, at); err != nil {
		return err
	}
	return f.space.fd.Sync()
}

// remap opens the file again, after bbolt could not map it at a new size: it has
// unmapped it before. It returns nil when that succeeds; the next Update tries again.
func (f *File) remap() error {
	path := f.space.fd.Name()
	if err := f.Conn().Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: f.cfg.Wait, NoFreelistSync: true})
	if errors.Is(err, syscall.ENOMEM) {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	if err != nil {
		return err
	}
	if err := f.isSame(path); err != nil {
		return errors.Join(err, db.Close())
	}
	f.db.Store(db)
	f.bound()
	f.unmapped = false
	return nil
}

// isSame checks that the file which bbolt opened again is the one that was open.
func (f *File) isSame(path string) error {
	was, err := f.space.fd.Stat()
	if err != nil {
		return err
	}
	is, err := os.Stat(path)
	if err == nil && !os.SameFile(was, is) {
		err = errors.New("another file has taken its place")
	}
	return err
}
