package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// A stopAt is a context that is done once it has been asked so often.
type stopAt struct {
	context.Context
	left atomic.Int64
}

func stopAfter(looks int) *stopAt {
	c := &stopAt{Context: context.Background()}
	c.left.Store(int64(looks))
	return c
}

func (c *stopAt) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// A start that is told to stop looks at each page and each thousand entries, and
// leaves a file with the same sessions, and nothing else.
func TestOpenContext_StopsAnywhere(t *testing.T) {
	t.Run("fresh file", func(t *testing.T) { stopsAnywhere(t, manySessions) })
	t.Run("file as it is", func(t *testing.T) { stopsAnywhere(t, 1) })
}

func stopsAnywhere(t *testing.T, many int) {
	s, _ := openQuiet(t)
	cfg := s.cfg
	cfg.many = many
	s.file().Conn().NoSync = true
	const n = 5000
	createAtOnce(t, s, n, record.Lifetime{Idle: time.Hour})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, stops, untouched := contentOf(t, cfg.Database), 0, 0
	const step = 7
	// Looks while the index is filled, once the file is replaced: before each shard's table,
	// and each processor goes through all sessions.
	looks := index.Shards + runtime.GOMAXPROCS(0)*(n/file.EntriesBetweenLooks+1)
	for asked := 0; ; asked += step {
		s, err := OpenContext(stopAfter(asked), cfg)
		if err == nil {
			if got := s.index.Count.Load(); got != n {
				t.Errorf("%d sessions after a start that was not stopped; want %d", got, n)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			break
		}
		if stops++; !errors.Is(err, context.Canceled) {
			t.Fatalf("OpenContext, stopped at look %d = %v; want %v", asked, err, context.Canceled)
		}
		if _, err := os.Stat(cfg.Database + ".new"); err == nil {
			t.Errorf("stopped at look %d: %s.new is left over", asked, cfg.Database)
		}
		if contentOf(t, cfg.Database) == before {
			untouched++
		}
	}
	if untouched < 10 || stops-untouched > looks/step+2 {
		t.Errorf("%d starts were stopped, %d left the file untouched; want many, and all until it is replaced", stops, untouched)
	}
}

// The tables of many sessions take long to make, so a start that is told to stop makes none.
func TestPopulate_StopsBeforeTables(t *testing.T) {
	s, _ := openQuiet(t)
	left := &leftOver{}
	for i := range 64 * index.Shards {
		left.live = append(left.live, &entry.Entry{Key: record.KeyOf(fmt.Sprint(i))})
	}
	if err := s.populate(stopAfter(0), left, index.NoFlush); !errors.Is(err, context.Canceled) {
		t.Errorf("populate = %v; want %v", err, context.Canceled)
	}
	if made := s.index.Usage().Table; made != 0 {
		t.Errorf("%d bytes of tables were made; want none", made)
	}
}

// What is decided of each session takes a second with ten million, so that looks, too.
func TestRestored_Stops(t *testing.T) {
	s, _ := openQuiet(t)
	l := &file.Loaded{}
	for i := range 2 * file.EntriesBetweenLooks {
		l.Records = append(l.Records, &entry.Entry{Key: record.KeyOf(fmt.Sprint(i))})
	}
	if live, _, _ := s.restored(stopAfter(1), l); len(live) != file.EntriesBetweenLooks {
		t.Errorf("%d sessions are looked at before the second look; want %d", len(live), file.EntriesBetweenLooks)
	}
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
