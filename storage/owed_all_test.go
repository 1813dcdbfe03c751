package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// The end of all sessions is one small write also when it was made in memory first,
// say while the disk hung. What was made before it has ended, what is made after it
// lives, now and after a crash.
func TestOwedAll_IsOneSmallWrite(t *testing.T) {
	clock := testkit.NewClock()
	s := openWith(t, quiet(filepath.Join(t.TempDir(), "sessions.db"), clock))
	s.Conn().NoSync = true
	const n = 5000
	createAtOnce(t, s, n, record.Lifetime{Idle: time.Hour})
	before := s.Conn().Stats().TxStats
	if got := s.writer.endAllNow(record.Revoked); got != n {
		t.Errorf("%d were live; want %d", got, n)
	}
	if ended, err := s.End(context.Background(), record.KeyOf("1"), record.Deleted); ended || !errors.Is(err, ErrNotDurable) {
		t.Errorf("End of one of them = %v, %v; want false, ErrNotDurable", ended, err)
	}
	later := record.KeyOf("later")
	if err := s.Create(context.Background(), later, []byte("x"), record.Lifetime{Idle: time.Hour}); err != nil {
		t.Fatal(err)
	}
	after := s.Conn().Stats().TxStats
	if got := after.GetPageAlloc() - before.GetPageAlloc(); got > 64<<10 {
		t.Errorf("EndAll of %d sessions wrote %d bytes of pages; want 64 KiB at most", n, got)
	}
	if err := s.writer.owed.err(); err != nil {
		t.Errorf("after the next commit: %v", err)
	}
	for _, k := range []record.Key{later, record.KeyOf("1"), record.KeyOf(fmt.Sprint(n))} {
		wantLiveAfterCrash(t, s, k)
	}
	if got := s.Peek(later).State; got != record.Live {
		t.Errorf("what was created later is %v; want live", got)
	}
}

// Ends of all sessions that were made in memory come before one that the same
// transaction makes, so each session keeps the reason of its own.
func TestOwedAll_KeepsItsReason(t *testing.T) {
	s, _ := openQuiet(t)
	k := createMany(t, s, 1, time.Hour)[0]
	s.writer.endAllNow(record.Revoked)
	if _, err := s.EndAll(context.Background(), record.Deleted); err != nil {
		t.Fatal(err)
	}
	cfg := s.cfg
	cfg.Database = copied(t, cfg.Database)
	if r := openWith(t, cfg).Peek(k); r.State != record.Ended || r.Reason != record.Revoked {
		t.Errorf("after a crash %v, %v; want ended, revoked", r.State, r.Reason)
	}
}

// While the sessions of a batch become visible, another caller ends all in memory. Each
// of them has ended in memory and in the file, or in neither.
func TestOwedAll_AgainstCreations(t *testing.T) {
	cfg := quiet(filepath.Join(t.TempDir(), "sessions.db"), testkit.NewClock())
	s := openWith(t, cfg)
	s.Conn().NoSync = true
	const rounds, n = 8, 1000
	for round := range rounds {
		var ended sync.WaitGroup
		ended.Go(func() {
			for before := s.index.Count.Load(); s.index.Count.Load() < before+n/100; {
				runtime.Gosched()
			}
			s.writer.endAllNow(record.Revoked)
		})
		keys := createBatch(t, s, n, fmt.Sprint(round, " "))
		ended.Wait()
		syncNow(t, s)
		cfg.Database = copied(t, s.cfg.Database)
		after, err := Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		lost, revived := 0, 0
		for _, k := range keys {
			was, is := s.Peek(k).State == record.Live, after.Peek(k).State == record.Live
			lost, revived = lost+one(was && !is), revived+one(!was && is)
		}
		if _ = after.Close(); lost+revived > 0 {
			t.Fatalf("of %d sessions a crash has lost %d and revived %d", n, lost, revived)
		}
	}
}

// createBatch creates sessions that share few commits.
func createBatch(t *testing.T, s *Storage, n int, prefix string) []record.Key {
	t.Helper()
	keys := make([]record.Key, n)
	var all sync.WaitGroup
	for i := range keys {
		keys[i] = record.KeyOf(fmt.Sprint(prefix, i))
		all.Go(func() {
			if err := s.Create(context.Background(), keys[i], []byte("x"), record.Lifetime{Idle: time.Hour}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return keys
}

// A session that ends while its record is written again is owed to the file under its
// new number.
func TestPublish_OwesWhatEndsWhileItMoves(t *testing.T) {
	synctest.Test(t, owesWhatEndsWhileItMoves)
}

func owesWhatEndsWhileItMoves(t *testing.T) {
	s, _ := openQuiet(t)
	k := createMany(t, s, 1, time.Hour)[0]
	synctest.Wait() // the writer may still look for what is owed
	w := s.writer
	e, _ := s.index.LookUp(&k)
	if _, err := s.file().Update(func(tx *file.Tx) error { return tx.DeleteEntry(e.Seq) }); err != nil {
		t.Fatal(err)
	}
	b := w.repair(repairs{kept: []record.Key{k}})
	if err := w.update(b); err != nil {
		t.Fatal(err)
	}
	if ended := w.endNow(&k, record.Revoked); !ended {
		t.Fatal("it was not live")
	}
	hold := make(chan struct{}) // the writer, which may write the end at once
	InterceptWrites(s.file().Conn(), func(write func([]byte, int64) (int, error), b []byte, at int64) (int, error) {
		<-hold
		return write(b, at)
	})
	w.publish(b)
	if again, err := s.End(context.Background(), k, record.Deleted); again || !errors.Is(err, ErrNotDurable) {
		t.Errorf("End once more = %v, %v; want false, ErrNotDurable", again, err)
	}
	close(hold)
	s.trash.add(nil, []entry.End{{}}) // garbage stays until the next flush
	createMany(t, s, 1, time.Minute)
	if again, err := s.End(context.Background(), k, record.Deleted); again || err != nil {
		t.Errorf("End after a batch = %v, %v; want false, nil", again, err)
	}
	wantLiveAfterCrash(t, s, k)
}

// A record that came too late, and that the disk has had no room to delete, may be of a
// session that has ended since. Until it is deleted, no end counts as settled.
func TestFailed_LateRecordsAreUnsaved(t *testing.T) { synctest.Test(t, lateRecordsAreUnsaved) }

func lateRecordsAreUnsaved(t *testing.T) {
	s, _ := openQuiet(t)
	k := createMany(t, s, 1, time.Hour)[0]
	synctest.Wait() // the writer may still look for what is owed
	w := s.writer
	late := &entry.Entry{Key: k, Value: "late"}
	if _, err := s.file().Update(func(tx *file.Tx) error { return tx.PutEntry(late) }); err != nil {
		t.Fatal(err)
	}
	w.putOff(repairs{late: []uint64{late.Seq}})
	if ended, err := s.End(context.Background(), k, record.Deleted); !ended || !errors.Is(err, ErrNotDurable) {
		t.Errorf("End = %v, %v; want true, ErrNotDurable", ended, err)
	}
	syncNow(t, s)
	if ended, err := s.End(context.Background(), k, record.Deleted); ended || err != nil {
		t.Errorf("End after a flush = %v, %v; want false, nil", ended, err)
	}
	wantLiveAfterCrash(t, s, k)
}

// An end whose tombstone was forgotten while it is owed is not settled either, as a
// crash can undo it.
func TestOwed_ForgottenTombstones(t *testing.T) {
	cfg := quiet(filepath.Join(t.TempDir(), "sessions.db"), testkit.NewClock())
	cfg.MaxEnded = 2 // in each shard, one tombstone in each of two generations
	s := openWith(t, cfg)
	keys := make([]record.Key, 4)
	for i := range keys {
		keys[i] = record.Key{0: 7, 9: byte(i + 1)}
		if err := s.Create(context.Background(), keys[i], []byte("x"), record.Lifetime{}); err != nil {
			t.Fatal(err)
		}
	}
	s.writer.owed.incur(s.line.Now(), func(owe func(index.Ended)) {
		for i := range keys {
			e, _ := s.index.TakeOut(&keys[i], record.Deleted)
			defer owe(e)
		}
		if r := s.Peek(keys[0]); r.State != record.None {
			t.Fatalf("the first tombstone is there: %v; want it forgotten", r.State)
		}
		if ended, err := s.End(context.Background(), keys[0], record.Deleted); ended || !errors.Is(err, ErrNotDurable) {
			t.Errorf("End of what is forgotten = %v, %v; want false, ErrNotDurable", ended, err)
		}
		other := record.Key{0: 8}
		if ended, err := s.End(context.Background(), other, record.Deleted); ended || err != nil {
			t.Errorf("End of an unknown session = %v, %v; want false, nil", ended, err)
		}
	})
	syncNow(t, s)
	if ended, err := s.End(context.Background(), keys[0], record.Deleted); ended || err != nil {
		t.Errorf("End after a flush = %v, %v; want false, nil", ended, err)
	}
}
