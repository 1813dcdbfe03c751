package storage

import (
	"iter"
	"reflect"
	"unsafe"

	"go.etcd.io/bbolt"

	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// SweepRound is an unfinished round of the sweeper: records stay in the file for
// now.
func (s *Storage) SweepRound() int { return s.sweeper.round() }

// All iterates over the live sessions.
func (s *Storage) All() iter.Seq2[record.Key, record.Record] {
	return func(yield func(record.Key, record.Record) bool) {
		var keys []record.Key
		for i := range index.Shards {
			s.index.Read(i, func(sh *index.Shard) {
				for _, e := range sh.Slots() {
					if e.Body != nil {
						keys = append(keys, e.Key())
					}
				}
			})
		}
		for _, k := range keys {
			if r := s.Peek(k); r.State == record.Live && !yield(k, r) {
				return
			}
		}
	}
}

// Subjects returns how many subjects the index knows.
func (s *Storage) Subjects() int { return s.index.Subjects() }

// WithOpened returns a Config that calls a function with each database that is
// opened for writing.
func WithOpened(cfg Config, opened func(*bbolt.DB)) Config {
	cfg.opened = opened
	return cfg
}

// WithMany returns a Config with which a compact file of so many sessions is used as it is.
func WithMany(cfg Config, sessions int) Config {
	cfg.many = sessions
	return cfg
}

// Opened returns the function of WithOpened.
func Opened(cfg Config) func(*bbolt.DB) { return cfg.opened }

// InterceptWrites replaces the function with which a database writes. bbolt has no
// hook for that; if its fields are renamed, the tests of faults fail.
func InterceptWrites(db *bbolt.DB, with func(write func([]byte, int64) (int, error), b []byte, at int64) (int, error)) {
	field := reflect.ValueOf(db).Elem().FieldByName("ops").FieldByName("writeAt")
	write := (*func([]byte, int64) (int, error))(unsafe.Pointer(field.UnsafeAddr()))
	was := *write
	*write = func(b []byte, at int64) (int, error) { return with(was, b, at) }
}
