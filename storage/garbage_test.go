package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// A wave of ends is deleted page by page, though it is swept in the order of
// keys, with a flush after every few shards. Deleted as they come, the ends of
// each flush lie all over the file, and each of them writes most of it again.
func TestSweep_WritesEachPageFewTimes(t *testing.T) {
	const n, pieces = 4000, 32
	s, clock := openQuiet(t)
	s.writer.db.NoSync = true
	createAtOnce(t, s, n)
	clock.boot += 2 * time.Second
	before := s.writer.db.Stats().TxStats
	for i := range s.sweeper.index.shards {
		s.sweeper.shard(i)
		if (i+1)%(shardCount/pieces) == 0 {
			syncNow(t, s)
		}
	}
	if got := entries(t, s, recordsBucket); got != n {
		t.Errorf("%d records in the file before the round is over; want %d", got, n)
	}
	s.trash.ripen()
	syncNow(t, s)
	if got := entries(t, s, recordsBucket); got != 0 {
		t.Errorf("%d records in the file after the round; want 0", got)
	}
	after := s.writer.db.Stats().TxStats
	// Each flush writes its ends, 34 bytes each, and some pages of the tree.
	t.Logf("%d bytes of pages written", after.GetPageAlloc()-before.GetPageAlloc())
	if got, most := after.GetPageAlloc()-before.GetPageAlloc(), int64(n*34*2+pieces*8*4096); got > most {
		t.Errorf("%d bytes of pages written; want %d at most", got, most)
	}
}

func syncNow(t *testing.T, s *Storage) {
	t.Helper()
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
}

// createAtOnce lets many sessions of a second share commits.
func createAtOnce(t *testing.T, s *Storage, n int) {
	t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := s.Create(KeyOf(fmt.Sprint(i)), []byte("x"), Lifetime{Idle: time.Second}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// A record goes only when its end is in the file, or goes with it: after a crash
// the session is still known to have ended.
func TestGarbage_EndsGoFirst(t *testing.T) {
	g := &garbage{maxEnds: 1 << 20}
	for seq := range uint64(2 * maxGarbage) {
		g.sweep([]uint64{2*maxGarbage - seq}, []end{{key: KeyOf(fmt.Sprint(seq))}})
	}
	g.ripen()
	if records, ends := g.take(maxGarbage); len(records) != 0 || len(ends) != maxGarbage {
		t.Fatalf("%d records and %d ends; want no record while so many ends wait", len(records), len(ends))
	}
	g.ripen()
	records, ends := g.take(maxGarbage)
	if len(records) != maxGarbage || records[0] != 1 || records[maxGarbage-1] != maxGarbage || len(ends) != maxGarbage {
		t.Errorf("%d records and %d ends; want the first %d records, in order, and the last ends", len(records), len(ends), maxGarbage)
	}
}

// Between its end and its record's deletion a session is in the file twice, and
// its last touches may be gone. What visitors were told stands after a crash.
func TestSweep_CrashBeforeTheRecordGoes(t *testing.T) {
	clock := &stepClock{boot: time.Hour}
	cfg := quiet(filepath.Join(t.TempDir(), "sessions.db"), clock)
	s := openWith(t, cfg)
	k := KeyOf("a")
	if err := s.Create(k, []byte("x"), Lifetime{Idle: 20 * time.Second, Absolute: 30 * time.Second}); err != nil {
		t.Fatal(err)
	}
	clock.boot += 15 * time.Second
	s.Refresh(k)
	syncNow(t, s)
	clock.boot += 16 * time.Second
	s.sweeper.round() // and not Sweep, which has the record deleted
	syncNow(t, s)
	told := s.Peek(k)
	if touches, records := entries(t, s, touchesBucket), entries(t, s, recordsBucket); touches != 0 || records != 1 {
		t.Fatalf("%d touches and %d records in the file; want none and one", touches, records)
	}
	cfg.Database = copied(t, cfg.Database)
	if after := openWith(t, cfg).Peek(k); told.Reason != Absolute || after.Reason != told.Reason {
		t.Errorf("ended by %v before the crash, by %v after it; want Absolute", told.Reason, after.Reason)
	}
}

// copied is what a crash would leave: the file as it is on disk now.
func copied(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "sessions.db")
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}
