package storage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// New on a file that is in use panics with a message that names the file and its
// owner, and says what to do.
func TestNew_PanicSaysWhy(t *testing.T) {
	cfg := testConfig(t, nil)
	open(t, cfg)
	cfg.Timeout = ms
	defer func() {
		said := fmt.Sprint(recover())
		for _, want := range []string{"storage: ", cfg.Database, "this process", "Prefork"} {
			if !strings.Contains(said, want) {
				t.Errorf("New panics with %q; want %q in it", said, want)
			}
		}
	}()
	storage.New(cfg)
	t.Error("New = a storage; want a panic")
}

// Read-only mode shows the live sessions, refuses every change, and leaves the file
// unchanged, byte by byte.
func TestReadOnly(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	s := open(t, cfg)
	k := mustCreate(t, s, "a", idle20)
	gone := mustCreate(t, s, "gone", idle20)
	_, err := s.End(context.Background(), gone, record.Revoked)
	must(t, err)
	must(t, s.Close())
	before, err := os.ReadFile(cfg.Database)
	must(t, err)

	cfg.ReadOnly = true
	r := open(t, cfg)
	wantValue(t, r, "a", "value of a")
	wantStatus(t, r, gone, record.Ended, record.Revoked)
	if page := r.List(record.Query{}); len(page.Rows) != 1 {
		t.Errorf("List = %d sessions; want 1", len(page.Rows))
	}
	for name, err := range changes(r, k) {
		if !errors.Is(err, storage.ErrReadOnly) || !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("%s = %v; want ErrReadOnly", name, err)
		}
	}
	wantValue(t, r, "a", "value of a")
	if r.Stats().Sessions != 1 || r.Conn() == nil {
		t.Errorf("Stats = %+v, Conn = %v; want one session and a database", r.Stats(), r.Conn())
	}
	must(t, r.Close())
	must(t, r.Close())
	if err := r.Set("b", []byte("x"), 0); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("Set after Close = %v; want ErrClosed", err)
	}
	after, err := os.ReadFile(cfg.Database)
	if err != nil || string(after) != string(before) {
		t.Errorf("the file was changed (%v)", err)
	}
	cfg.ReadOnly = false
	wantValue(t, open(t, cfg), "a", "value of a")
}

func changes(s *storage.Storage, k record.Key) map[string]error {
	_, end := s.End(context.Background(), k, record.Deleted)
	_, many := s.EndMany(context.Background(), []record.Key{k}, record.Deleted)
	_, all := s.EndAll(context.Background(), record.Deleted)
	return map[string]error{
		"Set": s.Set("a", []byte("x"), 0), "Delete": s.Delete("a"), "Reset": s.Reset(), "Sync": s.Sync(context.Background()),
		"Create": s.Create(context.Background(), record.KeyOf("b"), nil, idle20), "Replace": s.Replace(context.Background(), k, nil, time.Second),
		"Rotate": s.Rotate(context.Background(), k, record.KeyOf("b"), nil, time.Second), "End": end, "EndMany": many, "EndAll": all,
	}
}

// Read-only mode refuses a file that is missing or in use.
func TestReadOnly_Refuses(t *testing.T) {
	cfg := testConfig(t, nil)
	cfg.ReadOnly, cfg.Timeout = true, 20*ms
	if _, err := storage.Open(cfg); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open of a missing file = %v; want ErrNotExist", err)
	}
	if _, err := os.Stat(cfg.Database); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open made a file: %v", err)
	}
	owner := cfg
	owner.ReadOnly = false
	open(t, owner)
	if _, err := storage.Open(cfg); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("Open beside an owner = %v; want ErrInUse", err)
	}
}
