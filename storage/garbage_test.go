package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// Many records that end together are deleted page by page, although the sweeper
// finds them in the order of keys, with a flush after every few shards. If each
// flush deleted what was just swept, its records would be spread over the whole
// file, and each flush would write most of the file again.
func TestSweep_WritesEachPageFewTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, pieces = 4000, 32
		s, clock := openQuiet(t)
		s.Conn().NoSync = true
		createAtOnce(t, s, n, record.Lifetime{Idle: time.Second})
		clock.Advance(2 * time.Second)
		before := s.Conn().Stats().TxStats
		for i := range index.Shards {
			s.sweeper.shard(i)
			if (i+1)%(index.Shards/pieces) == 0 {
				syncNow(t, s)
			}
		}
		if got := entries(t, s, "records"); got != n {
			t.Errorf("%d records in the file before the round is over; want %d", got, n)
		}
		s.trash.ripen(0)
		purged(t, s)
		if got := entries(t, s, "records"); got != 0 {
			t.Errorf("%d records in the file after the round; want 0", got)
		}
		after := s.Conn().Stats().TxStats
		// Each flush writes its ends, 34 bytes each, and some pages of the tree.
		t.Logf("%d bytes of pages written", after.GetPageAlloc()-before.GetPageAlloc())
		if got, most := after.GetPageAlloc()-before.GetPageAlloc(), int64(n*34*2+pieces*8*4096); got > most {
			t.Errorf("%d bytes of pages written; want %d at most", got, most)
		}
	})
}

// purged returns when all garbage is out of the file.
func purged(t *testing.T, s *Storage) {
	t.Helper()
	for range 1000 {
		if syncNow(t, s); s.trash.empty() {
			syncNow(t, s) // behind the batch that has taken the last
			return
		}
		time.Sleep(purgePause)
	}
	t.Fatal("garbage is left after 1000 commits")
}

func syncNow(t *testing.T, s *Storage) {
	t.Helper()
	if err := s.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// createAtOnce makes many creations share commits.
func createAtOnce(t *testing.T, s *Storage, n int, life record.Lifetime) {
	t.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if err := s.Create(context.Background(), record.KeyOf(fmt.Sprint(i)), []byte("x"), life); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// A record is deleted after its end is in the file, or together with it, so that a
// crash leaves the session ended. That also holds for ends that a failed flush puts
// back.
func TestGarbage_EndsGoFirst(t *testing.T) {
	const n = maxGarbage + maxGarbage/2
	g := &garbage{maxEnds: 1 << 20}
	for i := range uint64(n) {
		g.sweep([]uint64{n - i}, []entry.End{{Key: record.KeyOf(fmt.Sprint(i))}})
	}
	expect := func(wantRecords, wantEnds int) (records []uint64, ends []entry.End) {
		t.Helper()
		records, ends, _ = g.take(maxGarbage, maxGarbage)
		if len(records) != wantRecords || len(ends) != wantEnds {
			t.Fatalf("%d records and %d ends; want %d and %d", len(records), len(ends), wantRecords, wantEnds)
		}
		return records, ends
	}
	_, ends := expect(0, maxGarbage)
	g.ripen(0)
	g.add(nil, ends) // the flush has failed
	expect(0, maxGarbage)
	records, _ := expect(maxGarbage, n-maxGarbage)
	if records[0] != 1 || records[maxGarbage-1] != maxGarbage {
		t.Errorf("records %d to %d; want the first, in order", records[0], records[maxGarbage-1])
	}
	expect(n-maxGarbage, 0)
}

// Swept records do not pile up when rounds are long.
func TestSweep_RipensWhenThereIsMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, clock := openQuiet(t)
		s.trash.sweep(make([]uint64, maxSwept-2), nil)
		for i, want := range []int{maxSwept - 1, 0} {
			createMany(t, s, 1, time.Duration(i+1)*time.Second)
			clock.Advance(time.Minute)
			s.sweeper.round()
			if got := len(s.trash.swept); got != want {
				t.Errorf("%d wait for the end of the round; want %d", got, want)
			}
		}
	})
}

// After Storage.Sweep, the next transactions free the file of everything that was
// found. Each deletes little, so that changes beside it wait for little.
func TestSweep_OfMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = maxGarbage + 1
		s, clock := openQuiet(t)
		s.Conn().NoSync = true
		createAtOnce(t, s, n, record.Lifetime{Idle: time.Second})
		clock.Advance(2 * time.Second)
		if got := s.Sweep(); got != n {
			t.Errorf("Sweep = %d; want %d", got, n)
		}
		syncNow(t, s) // 20,000 ends
		if got := entries(t, s, "records"); got != n {
			t.Errorf("%d records in the file before all ends are in it; want %d", got, n)
		}
		before, start := s.Stats().Commits, time.Now()
		purged(t, s)
		if got := entries(t, s, "records"); got != 0 {
			t.Errorf("%d records in the file; want none", got)
		}
		if got := s.Stats().Commits - before; got < n/purgeStep {
			t.Errorf("%d transactions have deleted %d records; want at most %d in each", got, n, purgeStep)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%d records were deleted in %v; want a second at most", n, took)
		}
	})
}

// Values of touches are deleted as records are, some in each flush.
func TestJournal_DeletesEmptyValuesInSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := openQuiet(t)
		s.writer.garbage = 10
		keys := createMany(t, s, 1, time.Hour)
		for range 25 {
			s.writer.journal.empty = append(s.writer.journal.empty, 1<<40)
		}
		for _, want := range []int{15, 5, 0} {
			s.Refresh(keys[0])
			syncNow(t, s)
			if got := len(s.writer.journal.empty); got != want {
				t.Errorf("%d empty values are left; want %d", got, want)
			}
		}
	})
}

// Between the writing of its end and the deletion of its record, a session is in the
// file twice, and its last touches may be deleted already. After a crash it has to
// be as visitors saw it.
func TestSweep_CrashBeforeTheRecordGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg := quiet(filepath.Join(t.TempDir(), "sessions.db"), clock)
		s := openWith(t, cfg)
		k := record.KeyOf("a")
		if err := s.Create(context.Background(), k, []byte("x"), record.Lifetime{Idle: 20 * time.Second, Absolute: 30 * time.Second}); err != nil {
			t.Fatal(err)
		}
		clock.Advance(15 * time.Second)
		s.Refresh(k)
		syncNow(t, s)
		clock.Advance(16 * time.Second)
		s.sweeper.round() // not Sweep, which also deletes the record
		syncNow(t, s)
		seen := s.Peek(k)
		if touches, records := entries(t, s, "touches"), entries(t, s, "records"); touches != 0 || records != 1 {
			t.Fatalf("%d touches and %d records in the file; want none and one", touches, records)
		}
		cfg.Database = copied(t, cfg.Database)
		if after := openWith(t, cfg).Peek(k); seen.Reason != record.Absolute || after.Reason != seen.Reason {
			t.Errorf("reason %v before the crash, %v after it; want Absolute", seen.Reason, after.Reason)
		}
	})
}

// copied returns what a crash would leave: the file as it is on disk now.
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

// An end older than a record's last use is not the record's own. It belongs to a
// rotation that was taken back, or to an earlier session of the key.
func TestRestored_EndOfAnother(t *testing.T) {
	s, _ := openQuiet(t)
	now, k := s.line.Now(), record.KeyOf("a")
	idling := entry.Life{Used: now - 30_000, Idle: 20_000}
	busy := entry.Life{Used: now - 30_000, Absolute: now - 5_000} // without an idle timeout its uses are not written
	for _, tc := range []struct {
		name string
		life entry.Life
		at   int64 // of the end in the file
		want entry.Tombstone
	}{
		{"its own", idling, now - 10_000, entry.Tombstone{At: now - 10_000, Reason: record.Absolute}},
		{"of a rotation in the millisecond of its last use", idling, now - 30_000, entry.Tombstone{At: now - 10_000, Reason: record.Idle}},
		{"of a session before it", idling, now - 60_000, entry.Tombstone{At: now - 10_000, Reason: record.Idle}},
		{"its own, without idle timeout", busy, now - 5_000, entry.Tombstone{At: now - 5_000, Reason: record.Absolute}},
		{"of a rotation, without idle timeout", busy, now - 20_000, entry.Tombstone{At: now - 5_000, Reason: record.Absolute}},
	} {
		l := &file.Loaded{
			Records: []*entry.Entry{{Key: k, Created: now - 40_000, Life: tc.life}},
			Ends:    []entry.End{{Key: k, Tombstone: entry.Tombstone{At: tc.at, Reason: record.Absolute}}},
		}
		live, ends, _ := s.restored(t.Context(), l)
		if last := ends[len(ends)-1]; len(live) != 0 || last != (entry.End{Key: k, Tombstone: tc.want}) {
			t.Errorf("%s: %d live, last end %+v; want none, and %+v", tc.name, len(live), last.Tombstone, tc.want)
		}
	}
}

// The ends of a rebuilt file have half of their keys. They count as whole ones do.
func TestRestored_EndOfHalfAKey(t *testing.T) {
	s, _ := openQuiet(t)
	now, k := s.line.Now(), record.KeyOf("a")
	half := entry.End{Tombstone: entry.Tombstone{At: now - 10_000, Reason: record.Deleted}}
	copy(half.Key[:], k[:16])
	l := &file.Loaded{
		Records: []*entry.Entry{{Key: k, Life: entry.Life{Used: now - 30_000, Idle: 20_000}}},
		Ends:    []entry.End{half},
	}
	if live, ends, fresh := s.restored(t.Context(), l); len(live)+len(fresh) != 0 || len(ends) != 1 {
		t.Errorf("%d live, ends %+v, new ones %+v; want only the end of the file", len(live), ends, fresh)
	}
}

// When a start finds too many ends, the oldest are forgotten, whether they come from
// records or from lists.
func TestRestored_ForgetsTheOldest(t *testing.T) {
	s, _ := openQuiet(t)
	s.cfg.MaxEnded = 1
	now := s.line.Now()
	l := &file.Loaded{
		Records: []*entry.Entry{{Key: record.KeyOf("expired"), Life: entry.Life{Used: now - 30_000, Idle: 20_000}}},
		Ends:    []entry.End{{Key: record.KeyOf("deleted"), Tombstone: entry.Tombstone{At: now - 1000, Reason: record.Deleted}}},
	}
	if _, ends, _ := s.restored(t.Context(), l); len(ends) != 1 || ends[0].Reason != record.Deleted {
		t.Errorf("ends = %+v; want the newest, of what was deleted", ends)
	}
}

// When more sessions end at once than a flush can write, all ends are kept with
// their reasons. That holds if the process is killed before the rest is written,
// stops in order, or then ends all sessions.
func TestSweep_OfManyIsKnownAfter(t *testing.T) {
	const n = maxGarbage + 1000
	hours := record.Lifetime{Idle: 20 * time.Minute}                              // the ends that follow from the records are too old to keep
	capped := record.Lifetime{Idle: 20 * time.Second, Absolute: 30 * time.Second} // the ends that follow from the records have another reason
	for name, tc := range map[string]struct {
		life record.Lifetime
		then func(*Storage) error
	}{
		"crash":              {hours, syncOnly},
		"crash, absolute":    {capped, syncOnly},
		"stop":               {hours, (*Storage).Close},
		"all end, and crash": {hours, func(s *Storage) error { _, err := s.EndAll(context.Background(), record.Revoked); return err }},
		"sync, all end, and crash": {capped, func(s *Storage) error {
			_, err := s.EndAll(context.Background(), record.Revoked)
			return errors.Join(s.Sync(context.Background()), err)
		}},
		"all end after a whole sync": {capped, func(s *Storage) error {
			err := s.Sync(context.Background())
			_, err2 := s.EndAll(context.Background(), record.Revoked)
			return errors.Join(err, err2)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, clock := openQuiet(t)
				s.Conn().NoSync = true
				createAtOnce(t, s, n, tc.life)
				clock.Advance(tc.life.Idle * 19 / 20)
				for i := range n {
					s.Refresh(record.KeyOf(fmt.Sprint(i + 1)))
				}
				syncNow(t, s)
				clock.Advance(tc.life.Idle + time.Second)
				s.Sweep()
				if err := tc.then(s); err != nil {
					t.Fatal(err)
				}
				cfg := s.cfg
				cfg.Database = copied(t, cfg.Database)
				after, different := openWith(t, cfg), 0
				for i := range n {
					k := record.KeyOf(fmt.Sprint(i + 1))
					if was, is := s.Peek(k), after.Peek(k); is.State != record.Ended || is.Reason != was.Reason {
						different++
					}
				}
				if different > 0 {
					t.Errorf("of %d sessions, %d have another end than before or none", n, different)
				}
			})
		})
	}
}

func syncOnly(s *Storage) error { return s.Sync(context.Background()) }
