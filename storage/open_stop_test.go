package storage

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"pagesession/storage/record"
)

// A stopAt is a context that is done once it has been asked so often.
type stopAt struct {
	context.Context
	left int
}

func (c *stopAt) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A start that is told to stop looks at each page and each thousand entries, and
// leaves a file with the same sessions, and nothing else.
func TestOpenContext_StopsAnywhere(t *testing.T) {
	s, _ := openQuiet(t)
	cfg := s.cfg
	s.file().Conn().NoSync = true
	const n = 5000
	createAtOnce(t, s, n, record.Lifetime{Idle: time.Hour})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, stops, untouched := contentOf(t, cfg.Database), 0, 0
	for asked := 0; ; asked += 7 {
		s, err := OpenContext(&stopAt{context.Background(), asked}, cfg)
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
	if stops < 10 || untouched < stops-2 {
		t.Errorf("%d starts were stopped, %d left the file untouched; want many, and all until it is replaced", stops, untouched)
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
