package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/internal/boltfile"
	"pagesession/internal/testkit"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A counting context counts how often it is asked whether it is done.
type counting struct {
	context.Context
	looks atomic.Int64
}

func (c *counting) Err() error {
	c.looks.Add(1)
	return c.Context.Err()
}

const manyEntries = 20 * EntriesBetweenLooks

// A start looks at least once for each EntriesBetweenLooks values of the stock driver, also
// after the pages are verified.
func TestLoad_LooksAmongStockValues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stock.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("b"))
		for i := 0; i < manyEntries && err == nil; i++ {
			err = b.Put(fmt.Appendf(nil, "%08d", i), []byte("value"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := looksAfterVerify(t, path); got < manyEntries/EntriesBetweenLooks {
		t.Errorf("%d looks among %d values; want %d or more", got, manyEntries, manyEntries/EntriesBetweenLooks)
	}
}

// A start looks at least once for each EntriesBetweenLooks entries that the mark says have
// ended, also after the pages are verified.
func TestLoad_LooksAmongEndedRecords(t *testing.T) {
	f, path, line := built(t, manyEntries)
	before := looksAfterVerify(t, path)
	if err := f.Reopen(path); err != nil {
		t.Fatal(err)
	}
	endAll(t, f, line.Now())
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := looksAfterVerify(t, path) - before; got < manyEntries/EntriesBetweenLooks {
		t.Errorf("%d more looks than without the end of all, of %d records; want %d or more", got, manyEntries, manyEntries/EntriesBetweenLooks)
	}
}

// All entries that have ended are known by their numbers, and of their ends the newest, also
// in the list of all ends.
func TestLoad_KeepsNewestOfEndedRecords(t *testing.T) {
	const older, newer, most = 100, 5, 10
	f, path, line := built(t, older)
	if err := f.Reopen(path); err != nil {
		t.Fatal(err)
	}
	first := line.Now()
	endAll(t, f, first)
	single := entry.End{Key: record.KeyOf("single"), Tombstone: entry.Tombstone{At: first, Reason: record.Deleted}}
	update(t, f, func(tx *Tx) error { tx.Wrote = true; return tx.PutEnds([]entry.End{single}, first) })
	update(t, f, func(tx *Tx) error { return tx.putAll(entries(newer), (*Tx).PutEntry) })
	endAll(t, f, first+1)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := Load(t.Context(), path, "b", time.Second, Limits{Ends: most})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if len(l.Records) != 0 || len(l.Dead) != older+newer || len(l.DeadEnds) != most+newer {
		t.Errorf("%d live, %d ended, %d ends of those; want 0, %d and %d", len(l.Records), len(l.Dead), len(l.DeadEnds), older+newer, most+newer)
	}
	at := slices.Index(l.Ends, single)
	if len(l.Ends) != most+1+newer || at != most {
		t.Fatalf("%d ends, the single one is number %d; want %d and %d", len(l.Ends), at, most+1+newer, most)
	}
	if want := record.KeyOf(fmt.Sprint(older - most)); l.Ends[0].Key != want {
		t.Errorf("the first end is that of %v; want %v, the first of the newest", l.Ends[0].Key, want)
	}
	if before, after := l.Ends[at-1].At, l.Ends[at+1].At; before != first || after != first+1 {
		t.Errorf("before it sessions end at %d, after it at %d; want %d and %d", before, after, first, first+1)
	}
}

// built returns a fresh file with n entries, which is closed.
func built(t *testing.T, n int) (f *File, path string, line *clock.Timeline) {
	t.Helper()
	line, path = clock.NewTimeline(testkit.NewClock(), nil), filepath.Join(t.TempDir(), "sessions.db")
	f = New(Config{Bucket: "b", Wait: time.Second, MaxSize: 1 << 30, Line: line}, 0, record.Move{})
	if err := f.Build(t.Context(), path, entries(n), nil); err != nil {
		t.Fatal(err)
	}
	return f, path, line
}

func entries(n int) (list []*entry.Entry) {
	for i := range n {
		list = append(list, &entry.Entry{Key: record.KeyOf(fmt.Sprint(i))})
	}
	return list
}

func endAll(t *testing.T, f *File, at int64) {
	t.Helper()
	update(t, f, func(tx *Tx) error { tx.EndAll(entry.Tombstone{At: at, Reason: record.Revoked}); return nil })
}

func update(t *testing.T, f *File, write func(*Tx) error) {
	t.Helper()
	if _, err := f.Update(write); err != nil {
		t.Fatal(err)
	}
}

// looksAfterVerify returns how often Load looks beside boltfile.Verify.
func looksAfterVerify(t *testing.T, path string) int64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	verify, all := &counting{Context: t.Context()}, &counting{Context: t.Context()}
	if _, err := boltfile.Verify(verify, f); err != nil {
		t.Fatal(err)
	}
	l, err := Load(all, path, "b", time.Second, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
	return all.looks.Load() - verify.looks.Load()
}
