package account

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"pagesession/internal/boltfile"
)

// Earlier versions kept the accounts in a bbolt file with these buckets, format 1:
//
//	meta     format -> "1"; decoy -> 32 random bytes
//	users    id -> User and hash as JSON; the bucket's sequence is the highest id
//	groups   id -> Group as JSON; the same
//	entries  Seq -> time in milliseconds, Actor and Event as JSON; the same
//
// Numbers are 8 bytes, big endian. Format 2 is the mark that stands in the file's place
// since: of the buckets it has only meta.
const (
	oldFormat  = "1"
	markFormat = "2"
)

var (
	metaBucket    = []byte("meta")
	usersBucket   = []byte("users")
	groupsBucket  = []byte("groups")
	entriesBucket = []byte("entries")

	formatKey   = []byte("format")
	decoyKey    = []byte("decoy")
	databaseKey = []byte("database")
	engineKey   = []byte("engine")
)

// An oldFile is an open file of an earlier version, or the mark in its place. No other
// process has it open.
type oldFile struct {
	path     string
	db       *bolt.DB
	file     *os.File // of db
	mark     bool     // it is the mark
	database string   // in a mark: the id of the database that has the operators
	engine   string   // in a mark: its kind, such as markSQLite
	name     string   // of an old file: differs from that of each other file, and changes with each change
}

// lockWait is how long openOld waits for another process, such as a server that stops.
const lockWait = 2 * time.Second

// openOld opens the file at path, and returns nil if there is none. Errors: ErrInUse,
// ErrDamaged, ErrNewerFormat, or the disk's. The file stays as it is.
func openOld(path string) (*oldFile, error) {
	for {
		if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		} else if err == nil && info.Size() == 0 { // bbolt would format it
			return nil, damagedOld(path, errors.New("it is empty"))
		}
		o := &oldFile{path: path}
		if err := o.lock(); err != nil {
			return nil, err
		}
		info, err := o.file.Stat()
		if now, gone := os.Stat(path); err == nil && (gone != nil || !os.SameFile(now, info)) {
			o.close()
			continue // another process has put the mark in its place meanwhile
		}
		if err == nil {
			_, err = boltfile.Verify(context.Background(), o.file)
		}
		if err == nil {
			err = guarded(func() error { return o.db.View(o.identify) })
		}
		if err != nil {
			o.close()
			return nil, o.explain(err)
		}
		return o, nil
	}
}

// lock opens the file with bbolt's lock.
func (o *oldFile) lock() error {
	err := guarded(func() (err error) {
		o.db, err = bolt.Open(o.path, 0o600, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType, OpenFile: o.openExisting})
		return err
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("accounts file %q is %w", o.path, ErrInUse)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("open accounts file: %w; chown it to the server's user", err)
	case errors.As(err, new(syscall.Errno)):
		return fmt.Errorf("open accounts file %q: %w", o.path, err)
	}
	return damagedOld(o.path, err)
}

// openExisting leaves a missing file missing.
func (o *oldFile) openExisting(name string, flag int, mode os.FileMode) (file *os.File, err error) {
	o.file, err = os.OpenFile(name, flag&^os.O_CREATE, mode)
	return o.file, err
}

// identify reads which of the two kinds of file this is.
func (o *oldFile) identify(tx *bolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return errors.New("it is not an accounts file")
	}
	switch format := string(meta.Get(formatKey)); format {
	case markFormat:
		o.mark, o.database, o.engine = true, string(meta.Get(databaseKey)), string(meta.Get(engineKey))
		return nil
	case oldFormat:
		sum := sha256.Sum256(meta.Get(decoyKey))
		o.name = fmt.Sprintf("%x-%d", sum[:8], tx.ID())
		for _, name := range [][]byte{usersBucket, groupsBucket, entriesBucket} {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("it has no %s", name)
			}
		}
		return nil
	default:
		if n, err := strconv.Atoi(format); err == nil && n > 2 {
			return fmt.Errorf("%w (format %d); use that version or a newer one", ErrNewerFormat, n)
		}
		return errors.New("the format number is missing")
	}
}

// explain returns an error of the content with the file's name and what to do.
func (o *oldFile) explain(err error) error {
	if errors.Is(err, ErrNewerFormat) {
		return fmt.Errorf("accounts file %q %w", o.path, err)
	}
	return damagedOld(o.path, err)
}

func damagedOld(path string, why error) error {
	return fmt.Errorf("accounts file %q of an earlier version %w: %w; restore it from a backup, or move it to another folder to begin with new operators",
		path, ErrDamaged, why)
}

// close closes the file and its lock.
func (o *oldFile) close() {
	if o != nil {
		_ = o.db.Close() // nothing was written
	}
}

// guarded runs do, which reads the file. What boltfile.Verify does not see can make bbolt
// panic or fault on the mapped memory, such as its list of free pages at the opening; that
// becomes an error.
func guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return do()
}

// oldUser and oldEntry are the JSON of a user and of an audit entry.
type (
	oldUser struct {
		User
		Hash string `json:"hash"`
	}
	oldEntry struct {
		Actor
		Event
	}
)

// each calls do with each value of a bucket in the order of ids.
func each[T any](tx *bolt.Tx, bucket []byte, skip int, do func(id uint64, head []byte, v T)) error {
	return tx.Bucket(bucket).ForEach(func(k, b []byte) error {
		var v T
		if len(k) != 8 || len(b) < skip {
			return fmt.Errorf("a key or value in %s is too short", bucket)
		}
		id := binary.BigEndian.Uint64(k)
		if err := json.Unmarshal(b[skip:], &v); err != nil {
			return fmt.Errorf("%s, id %d: %w", bucket, id, err)
		}
		do(id, b[:skip], v)
		return nil
	})
}
