package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

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
