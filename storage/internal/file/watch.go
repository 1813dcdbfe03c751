package file

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"

	"pagesession/internal/boltfile"
	"pagesession/storage/internal/planted"
)

// A watch notices when the session file is no longer what this process has written
// under its name. bbolt notices none of that: it goes on in a file without a name,
// or builds on the pages that another program has put there.
type watch struct {
	path string
	file *os.File // a second descriptor, to write as well; also keeps the inode's number from being used again
	size int64    // at the last Check, or after a cut since then: bbolt's files only grow
	txid int      // of the last transaction that wrote; 0: unknown
	mark []byte   // that it left
}

// watchFrom begins to watch the file that was opened.
func (f *File) watchFrom(path string) (err error) {
	f.watch.path = path
	f.watch.file, err = os.OpenFile(path, os.O_RDWR, 0)
	return err
}

// Handle is the descriptor by which Check knows the file. Abandon leaves it open: the
// caller closes it when the file need not be known any more.
func (f *File) Handle() *os.File { return f.watch.file }

// Check returns nil if the file is under its name, and as this process has left it:
// the same inode, no shorter, with the last commit's transaction in the newer meta
// page. Otherwise the error is ErrChanged, or the disk's. Update must not run
// meanwhile.
func (f *File) Check() error {
	w := &f.watch
	named, err := os.Stat(w.path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: it is gone from %q", ErrChanged, w.path)
	}
	if err != nil {
		return err
	}
	info, err := w.file.Stat()
	switch {
	case err != nil:
		return err
	case !os.SameFile(named, info):
		return fmt.Errorf("%w: another file is at %q", ErrChanged, w.path)
	case info.Size() < w.size:
		return fmt.Errorf("%w: it was cut from %d to %d bytes", ErrChanged, w.size, info.Size())
	}
	w.size = info.Size()
	last, err := boltfile.Newest(w.file, w.size)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	if w.txid != 0 && last.TxID != uint64(w.txid) && !planted.FailedFileTrusted {
		return fmt.Errorf("%w: it has transaction %d, the last commit was %d", ErrChanged, last.TxID, w.txid)
	}
	return nil
}

// follows reports whether a transaction builds on the last one of this process.
func (w *watch) follows(tx *bbolt.Tx, mark []byte) error {
	if w.txid != 0 && (tx.ID() != w.txid+1 || !bytes.Equal(mark, w.mark)) && !planted.FailedFileTrusted {
		return fmt.Errorf("%w: it was overwritten", ErrChanged)
	}
	return nil
}
