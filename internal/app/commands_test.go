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

// After an erasure a start leaves no value of an ended session in the file, also in a large
// one, which it would use as it is.
func TestOperate_EraseRewritesLargeFile(t *testing.T) {
	cfg := defaults(t)
	cfg.DataDir = t.TempDir()
	const secret = "a name that has to go"
	visitor := plantMany(t, filepath.Join(cfg.DataDir, visitorsFile), secret)
	ops := Operate(cfg, slog.New(slog.DiscardHandler))
	holds := func() bool {
		if list, err := control.ListSessions.Run(t.Context(), ops, control.SessionQuery{}); err != nil || list.Total < many { // it starts
			t.Fatalf("ListSessions() = %d sessions, %v; want %d", list.Total, err, many)
		}
		content, err := os.ReadFile(filepath.Join(cfg.DataDir, visitorsFile))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(content, []byte(secret))
	}
	if !holds() {
		t.Error("a start has removed the values of ended sessions from the file; this test needs them there")
	}
	done, err := control.ErasePerson.Run(t.Context(), ops, control.Person{Session: visitor.Handle().String()})
	if err != nil || done.Sessions != 1 || holds() {
		t.Errorf("ErasePerson() = %+v, %v, and the file may have values of ended sessions; want none", done, err)
	}
}

const many = 101_000 // a start uses a file with 100,000 as it is

// plantMany writes a file with many live sessions, and with others that had a value and have
// ended. It returns the key of one more, which is live.
func plantMany(t *testing.T, path, value string) record.Key {
	t.Helper()
	store, err := storage.Open(storage.Config{Database: path})
	if err != nil {
		t.Fatal(err)
	}
	const atOnce = 2_000 // also the number that end
	var creating errgroup.Group
	ended := make([]record.Key, atOnce)
	for first := range atOnce {
		ended[first] = record.KeyOf(fmt.Sprint("ended", first))
		creating.Go(func() error {
			life := record.Lifetime{Idle: time.Hour}
			err := store.Create(context.Background(), ended[first], []byte(value), life)
			for i := first; i < many && err == nil; i += atOnce {
				err = store.Create(context.Background(), record.KeyOf(fmt.Sprint(i)), nil, life)
			}
			return err
		})
	}
	err = creating.Wait()
	_, ending := store.EndMany(context.Background(), ended, record.Deleted)
	visitor := record.KeyOf("visitor")
	created := store.Create(context.Background(), visitor, nil, record.Lifetime{Idle: time.Hour})
	if err := errors.Join(err, ending, created, store.Close()); err != nil {
		t.Fatal(err)
	}
	return visitor
}
