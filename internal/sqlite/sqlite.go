// Package sqlite reads the tables of a SQLite 3 file, and does nothing else: no
// SQL, no indexes, no writing. It is for the one time that somebody's users
// are brought over from Django; a whole SQLite would make the program three
// times as large for that.
//
// The format is that of https://www.sqlite.org/fileformat2.html. A file is not
// trusted: what does not fit it is an error, never a panic, a loop, or more
// memory than a row may take.
package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Errors of this package. Test with errors.Is.
var (
	// ErrFormat: the file is no SQLite 3 database, or a damaged one.
	ErrFormat = errors.New("not a SQLite database, or a damaged one")
	// ErrUnfinished: somebody is writing the file, or was stopped while he was;
	// the message says what to do.
	ErrUnfinished = errors.New("the SQLite database is being written")
	// ErrNoTable: there is no such table.
	ErrNoTable = errors.New("no such table")
)

const (
	magic      = "SQLite format 3\x00"
	headerSize = 100
)

// A File is a SQLite file that is open for reading. It is not safe for
// concurrent use.
type File struct {
	f        *os.File
	path     string
	pageSize int
	usable   int // of a page; the rest is reserved for extensions
	pages    uint32
	encoding uint32
	counter  uint32 // changes with each transaction
	tables   map[string]table
}

// Open opens a file and reads what tables it has. Errors: ErrFormat,
// ErrUnfinished, or the disk's.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	file := &File{f: f, path: path}
	if err := file.open(); err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	return file, nil
}

func (f *File) open() error {
	if err := f.readHeader(); err != nil {
		return err
	}
	if err := f.settled(); err != nil {
		return err
	}
	return f.readSchema()
}

// Close closes the file. If somebody changed it since Open, what was read may
// be half old and half new: then it returns ErrUnfinished.
func (f *File) Close() error {
	before := f.counter
	err := f.readHeader()
	if err == nil && f.counter != before {
		err = fmt.Errorf("%w: it changed while it was read; stop the project that uses it, and try again", ErrUnfinished)
	}
	if err == nil {
		err = f.settled()
	}
	return errors.Join(err, f.f.Close())
}

func (f *File) readHeader() error {
	info, err := f.f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: it is not a file", ErrFormat)
	}
	h := make([]byte, headerSize)
	if _, err := f.f.ReadAt(h, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(h[:len(magic)]) != magic {
		return ErrFormat
	}
	f.pageSize = int(binary.BigEndian.Uint16(h[16:]))
	if f.pageSize == 1 { // 65,536 does not fit
		f.pageSize = 1 << 16
	}
	f.usable = f.pageSize - int(h[20])
	if f.pageSize < 512 || f.pageSize&(f.pageSize-1) != 0 || f.usable < 480 {
		return fmt.Errorf("%w: pages of %d bytes", ErrFormat, f.pageSize)
	}
	f.pages = uint32(min(info.Size()/int64(f.pageSize), 1<<32-2))
	f.counter = binary.BigEndian.Uint32(h[24:])
	f.encoding = binary.BigEndian.Uint32(h[56:])
	return nil
}

// settled tells whether all that was committed is in the file, and nothing
// else.
func (f *File) settled() error {
	for suffix, what := range map[string]string{
		"-journal": "a transaction was not finished",
		"-wal":     "the latest changes are not in the file yet",
	} {
		if info, err := os.Stat(f.path + suffix); err == nil && info.Size() > 0 {
			return fmt.Errorf("%w: %s, see %q; stop the project that uses it, then run: sqlite3 %q 'PRAGMA journal_mode=DELETE; VACUUM'",
				ErrUnfinished, what, f.path+suffix, f.path)
		}
	}
	return nil
}

// page reads one page; they count from 1.
func (f *File) page(n uint32) ([]byte, error) {
	if n == 0 || n > f.pages {
		return nil, fmt.Errorf("%w: there is no page %d", ErrFormat, n)
	}
	b := make([]byte, f.pageSize)
	if _, err := f.f.ReadAt(b, int64(n-1)*int64(f.pageSize)); err != nil {
		return nil, err
	}
	return b[:f.usable], nil
}
