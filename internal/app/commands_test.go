package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"pagesession/internal/control"
	"pagesession/storage"
	"pagesession/storage/record"
)

// past is a clock of an earlier run of the machine, an hour ago.
type past struct{ at time.Time }

func (p past) Wall() time.Time     { return p.at }
func (p past) Boot() time.Duration { return time.Hour }
func (p past) BootID() string      { return "another" }

// Without a server, opening the file drops expired sessions, and the command counts them.
func TestOperate_ClearsByOpening(t *testing.T) {
	cfg := defaults(t)
	cfg.DataDir = t.TempDir()
	store, err := storage.Open(storage.Config{Database: filepath.Join(cfg.DataDir, "sessions.db"), Clock: past{time.Now().Add(-time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	for id, life := range map[string]time.Duration{"a": time.Minute, "b": time.Minute, "c": 24 * time.Hour} {
		if err := store.Create(context.Background(), record.KeyOf(id), nil, record.Lifetime{Idle: life}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	ops := Operate(cfg, slog.New(slog.DiscardHandler))
	if n, err := control.ClearSessions.Run(t.Context(), ops, control.All{}); err != nil || n.Count != 2 {
		t.Errorf("ClearSessions() = %+v, %v; want 2", n, err)
	}
	if list, err := control.ListSessions.Run(t.Context(), ops, control.SessionQuery{}); err != nil || list.Total != 1 {
		t.Errorf("Sessions() = %+v, %v; want the one that lives", list, err)
	}
}

// Without a server, "sessions clear" leaves nothing of ended sessions in the file, also in a
// large one, which other commands use as it is.
func TestOperate_ClearRewritesLargeFile(t *testing.T) {
	cfg := defaults(t)
	cfg.DataDir = t.TempDir()
	const secret = "a name that has to go"
	plantMany(t, filepath.Join(cfg.DataDir, visitorsFile), secret)
	holds := func() bool {
		content, err := os.ReadFile(filepath.Join(cfg.DataDir, visitorsFile))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(content, []byte(secret))
	}
	ops := Operate(cfg, slog.New(slog.DiscardHandler))
	if _, err := control.ListSessions.Run(t.Context(), ops, control.SessionQuery{}); err != nil || !holds() {
		t.Errorf("a list = %v, and the file has the old value: %v; this test needs it there", err, holds())
	}
	if _, err := control.ClearSessions.Run(t.Context(), ops, control.All{}); err != nil || holds() {
		t.Errorf("ClearSessions() = %v, and the file has the value of an ended session: %v; want nothing of it", err, holds())
	}
	if list, err := control.ListSessions.Run(t.Context(), ops, control.SessionQuery{}); err != nil || list.Total != many {
		t.Errorf("ListSessions() = %d sessions, %v; want %d", list.Total, err, many)
	}
}

const many = 101_000 // a start uses a file with 100,000 as it is

// plantMany writes a file with many live sessions, and one with a value that has ended.
func plantMany(t *testing.T, path, value string) {
	t.Helper()
	store, err := storage.Open(storage.Config{Database: path})
	if err != nil {
		t.Fatal(err)
	}
	const atOnce = 2_000
	var creating errgroup.Group
	for first := range atOnce {
		creating.Go(func() error {
			for i := first; i < many; i += atOnce {
				if err := store.Create(context.Background(), record.KeyOf(fmt.Sprint(i)), nil, record.Lifetime{Idle: time.Hour}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = creating.Wait()
	k := record.KeyOf("ended")
	err = errors.Join(err, store.Create(context.Background(), k, []byte(value), record.Lifetime{Idle: time.Hour}))
	_, ended := store.End(context.Background(), k, record.Deleted)
	if err := errors.Join(err, ended, store.Close()); err != nil {
		t.Fatal(err)
	}
}
