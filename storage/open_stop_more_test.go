package storage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// When all of many sessions expired while the server was away, a start keeps no more of their
// ends than it may remember, and those are the newest. To sort all takes seconds, in which it
// does not look whether it has to stop.
func TestRestored_KeepsFewEnds(t *testing.T) {
	const many, most = 5000, 100
	s, _ := openQuiet(t)
	s.cfg.MaxEnded = most
	now, l := s.line.Now(), &file.Loaded{}
	for i := range many {
		used := now - 30_000 - int64(i*7919%many) // in no order
		l.Records = append(l.Records, &entry.Entry{Key: record.KeyOf(fmt.Sprint(i)), Life: entry.Life{Used: used, Idle: 20_000}})
	}
	live, ends, fresh := s.restored(t.Context(), l)
	if len(live) != 0 || len(ends) != most || len(fresh) != most {
		t.Errorf("%d live, %d ends, %d of them new; want 0, %d and %d", len(live), len(ends), len(fresh), most, most)
	}
	if cap(fresh) > 4*most {
		t.Errorf("new ends had a list of %d; want it to be short, whatever the file", cap(fresh))
	}
	for _, e := range append(ends, fresh...) {
		if e.At <= now-10_000-most {
			t.Errorf("an end %d ms old is kept; want the newest %d", now-e.At, most)
			break
		}
	}
}

// A file of the stock driver may have as many sessions as another, so a start looks while it
// takes them over.
func TestRestored_StopsAmongStockValues(t *testing.T) {
	s, _ := openQuiet(t)
	l := &file.Loaded{}
	for i := range 2 * file.EntriesBetweenLooks {
		l.Raw = append(l.Raw, file.RawValue{Key: record.KeyOf(fmt.Sprint(i)), Value: "x"})
	}
	if live, _, _ := s.restored(stopAfter(1), l); len(live) > file.EntriesBetweenLooks {
		t.Errorf("%d values are taken over before the second look; want at most %d", len(live), file.EntriesBetweenLooks)
	}
}

// It looks also while it lists the sessions that this package has had beside them.
func TestPlacesOf_Stops(t *testing.T) {
	var all []*entry.Entry
	for i := range 2 * file.EntriesBetweenLooks {
		all = append(all, &entry.Entry{Key: record.KeyOf(fmt.Sprint(i))})
	}
	for looks, want := range map[int][2]int{1: {file.EntriesBetweenLooks, 0}, 3: {len(all), file.EntriesBetweenLooks}} {
		if used, at := placesOf(stopAfter(looks), &file.Loaded{Records: all}, all); len(used) != want[0] || len(at) != want[1] {
			t.Errorf("stopped at look %d, %d keys and %d places; want %d", looks+1, len(used), len(at), want)
		}
	}
}

// A start on Redis reads the old file to warn of its sessions, and may be told to stop
// anywhere. It lets the file go.
func TestOpenContext_ReadOnlyStops(t *testing.T) {
	s, _ := openQuiet(t)
	createAtOnce(t, s, 2*file.EntriesBetweenLooks, record.Lifetime{Idle: time.Hour})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := s.cfg
	cfg.ReadOnly = true
	before, stops := contentOf(t, cfg.Database), 0
	for ; ; stops++ {
		read, err := OpenContext(stopAfter(stops), cfg)
		if err == nil {
			if err := read.Close(); err != nil {
				t.Error(err)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("OpenContext, read-only, stopped at look %d = %v; want %v", stops+1, err, context.Canceled)
		}
		db, err := bbolt.Open(cfg.Database, 0o600, &bbolt.Options{Timeout: time.Nanosecond, NoFreelistSync: true})
		if err != nil {
			t.Fatalf("after a stop at look %d the file is locked: %v", stops+1, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if contentOf(t, cfg.Database) != before {
		t.Error("the file has changed")
	}
	const eachPass = 2 // looks
	want := looksOfLoad(t, cfg) + eachPass + index.Shards + runtime.GOMAXPROCS(0)*eachPass
	if stops != want {
		t.Errorf("%d looks; want %d: those of Load, of restored and of populate", stops, want)
	}
}

func looksOfLoad(t *testing.T, cfg Config) int {
	t.Helper()
	ctx := stopAfter(math.MaxInt)
	l, err := file.Load(ctx, cfg.Database, cfg.Bucket, cfg.Timeout, cfg.limits())
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
	return int(math.MaxInt - ctx.left.Load())
}

// A start that has to stop while it opens a compact file as it is writes none anew.
func TestOpenContext_StopsInsteadOfAFreshFile(t *testing.T) {
	s, _ := openQuiet(t)
	createAtOnce(t, s, 100, record.Lifetime{Idle: time.Hour})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, cfg, opened := contentOf(t, s.cfg.Database), s.cfg, 0
	ctx, cancel := context.WithCancel(t.Context())
	cfg.many, cfg.opened = 1, func(*bbolt.DB) { opened++; cancel() }
	if _, err := OpenContext(ctx, cfg); !errors.Is(err, context.Canceled) || opened != 1 {
		t.Errorf("OpenContext = %v, and opened %d files; want %v, and one", err, opened, context.Canceled)
	}
	db, err := bbolt.Open(cfg.Database, 0o600, &bbolt.Options{Timeout: 10 * time.Second, NoFreelistSync: true})
	if err != nil {
		t.Fatalf("the file stays locked: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if contentOf(t, cfg.Database) != before {
		t.Error("the file has changed")
	}
}

// Nor does it wait for a sync of the folder.
func TestSecure_Stops(t *testing.T) {
	s, _ := openQuiet(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // the sync may be faster
		if err := s.secure(ctx); errors.Is(err, context.Canceled) {
			return
		}
	}
	t.Error("secure waited for each of 100 syncs; want it to stop")
}
