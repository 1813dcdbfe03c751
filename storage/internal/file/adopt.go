package file

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// Touches returns the numbers of the values of touches in the file.
func (l *Loaded) Touches() []uint64 { return l.touches }

// CanAdopt reports whether the file can be written as it is: this package wrote it,
// and its last commit, too. A list of free pages, which other programs leave, has no
// checksum.
func (l *Loaded) CanAdopt() bool {
	return l.db != nil && l.Mark != nil && len(l.Raw) == 0 && l.newest.free == noFreelist
}

// Adopt opens the file at path that l was read from, in order to write it as it is,
// and writes nothing yet: the disk may be full. Entries keep their numbers. It
// releases l.
func (f *File) Adopt(path string, l *Loaded) error {
	l.Release()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: f.cfg.Wait, NoFreelistSync: true})
	if err != nil {
		return fmt.Errorf("open session file %q: %w", path, err)
	}
	f.db.Store(db)
	f.opened()
	f.seq, f.digest, f.lists, f.format, f.ended = l.last, l.seal.digest, l.lists, l.seal.format, l.seal.ended
	err = f.watchFrom(path)
	f.watch.txid, f.watch.mark = l.txid, l.mark
	if err == nil {
		err = f.Check()
	}
	if err == nil {
		err = f.newSpace()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("open session file %q: %w", path, err), f.Close())
	}
	return nil
}
