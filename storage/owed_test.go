package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// oweMany opens a store in which one session is live, and more have ended in memory
// than one batch pays.
func oweMany(t *testing.T) (s *Storage, live record.Key) {
	t.Helper()
	cfg := quiet(filepath.Join(t.TempDir(), "sessions.db"), testkit.NewClock())
	s = openWith(t, cfg)
	s.file().Conn().NoSync = true
	const many = 3*purgeStep + 1
	createAtOnce(t, s, many, record.Lifetime{})
	for i := range many {
		k := record.KeyOf(fmt.Sprint(i + 1))
		s.writer.endNow(&k, record.Revoked)
	}
	if n := len(s.writer.owed.list.records); n != many {
		t.Fatalf("%d ends are owed; want %d", n, many)
	}
	live = record.KeyOf("live")
	s.index.Insert(&entry.Entry{Key: live, Seq: 1 << 40})
	return s, live
}

// Close writes all ends that were answered before the file had them.
func TestOwed_CloseWritesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := oweMany(t)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		after := openWith(t, s.cfg)
		if n := after.index.Count.Load(); n != 0 {
			t.Errorf("%d sessions are live after a restart; want none", n)
		}
	})
}

// Each batch pays a bounded part of the ends that are owed, and more follow until
// all are paid. Meanwhile an end is not durable, because an older record of its key
// may be in the file.
func TestOwed_IsPaidByEachBatch(t *testing.T) {
	synctest.Test(t, isPaidByEachBatch)
}

func isPaidByEachBatch(t *testing.T) {
	s, live := oweMany(t)
	if ended, err := s.End(context.Background(), live, record.Deleted); !ended || !errors.Is(err, ErrNotDurable) {
		t.Errorf("End while ends are owed = %v, %v; want true, ErrNotDurable", ended, err)
	}
	for start := time.Now(); s.writer.owed.err() != nil; time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("after 10 s: %v", s.writer.owed.err())
		}
	}
	if ended, err := s.End(context.Background(), live, record.Deleted); ended || err != nil {
		t.Errorf("End after that = %v, %v; want false, nil", ended, err)
	}
	if n := entries(t, s, "records"); n != 0 {
		t.Errorf("the file has %d records; want none", n)
	}
}

// An end that finds its session being ended by another call is not durable while that
// one is still on its way to the file.
func TestOwed_CountsFromTheStart(t *testing.T) {
	s, _ := openQuiet(t)
	k := record.KeyOf("id")
	if err := s.Set("id", []byte("x"), time.Hour); err != nil {
		t.Fatal(err)
	}
	s.writer.owed.incur(s.line.Now(), func(owe func(index.Ended)) {
		e, _ := s.index.TakeOut(&k, record.Deleted)
		if ended, err := s.End(context.Background(), k, record.Deleted); ended || !errors.Is(err, ErrNotDurable) {
			t.Errorf("End meanwhile = %v, %v; want false, ErrNotDurable", ended, err)
		}
		owe(e)
	})
	syncNow(t, s)
	if err := s.Delete("id"); err != nil {
		t.Errorf("Delete after a flush = %v; want nil", err)
	}
}

// A batch takes a bounded part also when ends were forgotten, and each end with its
// own record. A failed batch puts them back.
func TestOwed_EndsStayWithTheirRecords(t *testing.T) {
	d := debts{most: 3}
	owe := func(from, to int) {
		for i := from; i < to; i++ {
			d.owe(index.Ended{Seq: uint64(i), End: entry.End{Tombstone: entry.Tombstone{At: int64(i)}}})
		}
	}
	owe(0, 4)
	taken := d.take(2)
	owe(4, 10) // and forgets ends
	d.putBack(taken)
	for _, want := range []struct{ first, n, ends int }{{0, 4, 0}, {4, 4, 3}, {8, 2, 2}} {
		o := d.take(4)
		if len(o.records) != want.n || len(o.ends) != want.ends || o.records[0] != uint64(want.first) {
			t.Errorf("take = %v with %d ends; want %d from %d, with %d ends", o.records, len(o.ends), want.n, want.first, want.ends)
		}
		for i, e := range o.ends {
			if seq := o.records[len(o.records)-len(o.ends)+i]; seq != uint64(e.At) {
				t.Errorf("record %d has the end of record %d", seq, e.At)
			}
		}
		d.paid(o)
	}
	if err := d.err(); err != nil {
		t.Errorf("after all are paid: %v", err)
	}
}

// To end many sessions in memory takes little memory: only MaxEnded ends are kept.
func TestOwed_TakesLittleMemory(t *testing.T) {
	s, _ := openQuiet(t)
	s.writer.owed.most = 1000
	const n = 100_000
	for i := range n {
		s.index.Restore(&entry.Entry{Key: record.KeyOf(time.Duration(i).String()), Seq: 1<<40 + uint64(i)}, index.NoFlush)
	}
	keys := make([]record.Key, n)
	for i := range keys {
		keys[i] = record.KeyOf(time.Duration(i).String())
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range keys {
		s.writer.endNow(&keys[i], record.Revoked)
	}
	runtime.ReadMemStats(&after)
	t.Logf("%d bytes", after.TotalAlloc-before.TotalAlloc)
	if got := after.TotalAlloc - before.TotalAlloc; got > 200*n {
		t.Errorf("%d ends allocate %d bytes; want %d at most", n, got, 200*n)
	}
}
