// Package file alone knows the bytes of a session file: its buckets, frames, digest
// and seal, and how it is verified, read, built and written.
package file

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	driver "github.com/gofiber/storage/bbolt/v2"
	"go.etcd.io/bbolt"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/planted"
	"pagesession/storage/record"
)

// A File is the session file of a running storage. Build it, then Open it. One
// goroutine at a time may call Update; others may copy the file meanwhile.
type File struct {
	cfg   Config
	db    atomic.Pointer[bbolt.DB] // another one after reopen
	space space

	seq    uint64    // last sequence number that was given
	digest digest    // of everything in the file
	lists  []endList // lists of ends in the file, oldest first

	format   byte          // see seal
	ended    []endedBefore // see seal
	move     record.Move   // see seal
	unmapped bool          // see remap
	buf      []byte        // holds the frames of the transaction under way
	panicked bool          // bbolt panicked and may hold its locks
	watch    watch
}

// A Config is what a File has to keep to.
type Config struct {
	Bucket  string
	Wait    time.Duration // how long to wait for a file that another process holds
	MaxSize int64         // bytes
	Line    *clock.Timeline
	Opened  func(*bbolt.DB) // for tests: called with each database that is opened for writing; nil: not called
}

// An endList is one list of ends in the file.
type endList struct {
	seq uint64
	at  int64 // session time, ms
	n   int
}

// New returns a file that is neither built nor open. Its numbers follow seq, and its mark
// says that of a move.
func New(cfg Config, seq uint64, move record.Move) *File {
	return &File{cfg: cfg, seq: seq, move: move}
}

// Successor returns a file to build in place of this one. Its numbers continue after
// those that this one has given.
func (f *File) Successor() *File { return &File{cfg: f.cfg, seq: f.seq, move: f.move} }

// Open opens the file that Build wrote through Fiber's own driver, which owns it
// from then on. The driver commits once when it opens, without a mark, so Open
// commits a mark after it.
func (f *File) Open(path string) error {
	if err := f.connect(path); err != nil {
		return err
	}
	return f.start(path)
}

// Reopen is Open without the driver. When the driver cannot open a file, it panics and
// keeps it open, with its room on the disk, until the process ends. A rebuild may try
// for long.
func (f *File) Reopen(path string) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			f.panicked, err = true, panicError(p, true)
		}
	}()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: f.cfg.Wait, NoFreelistSync: true})
	if err != nil {
		return fmt.Errorf("open session file %q: %w", path, err)
	}
	f.db.Store(db)
	return f.start(path)
}

// start commits a mark to a file that has just been opened. If it cannot, it closes
// the file.
func (f *File) start(path string) error {
	f.opened()
	f.watch.txid = 0               // the driver may have committed
	f.Conn().NoFreelistSync = true // Load works without the list of free pages
	f.Conn().NoSync = planted.AnswerBeforeFsync
	err := f.watchFrom(path)
	if err == nil {
		err = f.newSpace()
	}
	if err == nil {
		_, err = f.Update(func(t *Tx) error {
			t.Wrote = true
			_, err := t.Room(firstRoom)
			return err
		})
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write session file: %w", err), f.Close())
	}
	return nil
}

func (f *File) opened() {
	if f.cfg.Opened != nil {
		f.cfg.Opened(f.Conn())
	}
}

// connect opens the database. The driver panics where it cannot; connect returns
// that as an error.
func (f *File) connect(path string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("open session file %q: %v", path, p)
		}
	}()
	f.db.Store(driver.New(driver.Config{Database: path, Bucket: f.cfg.Bucket, Timeout: f.cfg.Wait}).Conn())
	return nil
}

// Conn returns the database, for statistics and short read transactions.
func (f *File) Conn() *bbolt.DB { return f.db.Load() }

// ReadFrom takes over the database of a Loaded, for reading only.
func (f *File) ReadFrom(l *Loaded) {
	f.db.Store(l.db)
	l.db = nil
}

// Close closes the database.
func (f *File) Close() error {
	err := f.Conn().Close()
	if f.watch.file != nil {
		err = errors.Join(err, f.watch.file.Close())
	}
	return err
}

// Abandon closes a file that has failed, after its last reader. After a panic bbolt
// may hold its locks; then the file stays open until the process ends.
func (f *File) Abandon() {
	if !f.panicked {
		_ = f.Conn().Close() // this writes nothing
	}
}

// maxKeptBuffer is how many bytes of buffer a transaction may leave for the next
// one.
const maxKeptBuffer = 8 << 20

// Update runs write in one transaction and commits it with a mark if it wrote
// anything. When it returns nil the transaction is durable. It returns the
// transaction's number; 0: there was none. After ErrNoRoom nothing has happened, and
// it may be tried again; after any other error it is unknown what the disk holds.
//
// When something cuts the file off, bbolt panics or reads a page that is gone
// (SIGBUS). Update returns both as errors: ErrChanged if that is found before write is
// called.
func (f *File) Update(write func(*Tx) error) (id int, err error) {
	opened := false
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			f.panicked, err = true, panicError(p, opened)
		}
	}()
	if f.unmapped {
		if err := f.remap(); err != nil {
			return 0, err
		}
	}
	tx, err := f.Conn().Begin(true)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // no effect after Commit
	id = tx.ID()
	if f.buf = f.buf[:0]; cap(f.buf) > maxKeptBuffer {
		f.buf = nil
	}
	t := &Tx{file: f, tx: tx, digest: f.digest, ended: f.ended, move: f.move}
	if err := t.open(tx); err != nil {
		return id, err
	}
	opened = true
	if err := write(t); err != nil {
		return id, err
	}
	if err := t.commit(tx); err != nil {
		if err := f.settle(id, err); err != nil {
			return id, err
		}
	}
	t.done(id)
	return id, nil
}

// panicError is the error of a panic. Where bbolt cannot even find the buckets, the
// pages are another program's.
func panicError(p any, opened bool) error {
	if !opened {
		return fmt.Errorf("%w: bbolt panicked: %v", ErrChanged, p)
	}
	return fmt.Errorf("bbolt panicked in the session file: %v", p)
}

// Advanced reports whether readers see the failed transaction with that number. They
// do if bbolt has written its meta page and then failed to sync it.
func (f *File) Advanced(id int) bool {
	tx, err := f.Conn().Begin(false)
	if err != nil {
		return true
	}
	defer func() { _ = tx.Rollback() }()
	return id == 0 || tx.ID() >= id
}

// LastSeq returns the last sequence number that was given. Update must not run
// meanwhile.
func (f *File) LastSeq() uint64 { return f.seq }

// nextSeq returns the next sequence number. Numbers follow the order of writing.
func (f *File) nextSeq() uint64 {
	f.seq++
	return f.seq
}

// frame returns what encode appends to the buffer. bbolt refers to it until the
// commit.
func (f *File) frame(encode func(buf []byte) []byte) []byte {
	start := len(f.buf)
	f.buf = encode(f.buf)
	return f.buf[start:]
}

// Names inside the bucket.
var (
	recordsBucket = []byte("records") // sequence number -> one entry
	touchesBucket = []byte("touches") // sequence number -> packed touches
	endsBucket    = []byte("ends")    // sequence number -> packed ends
	metaBucket    = []byte("meta")
	markKey       = []byte("mark") // mark of the last commit
)

// buckets returns the names of the four buckets.
func buckets() [][]byte { return [][]byte{recordsBucket, touchesBucket, endsBucket, metaBucket} }

// isOwnBucket reports whether a bucket is one of the four.
func isOwnBucket(bucket []byte) bool {
	return slices.ContainsFunc(buckets(), func(b []byte) bool { return bytes.Equal(b, bucket) })
}
