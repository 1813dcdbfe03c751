package control

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pagesession/internal/health"
)

// A server says how its session files are, in all words. Without one the command opens
// no file.
func TestShowStatus(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	troubled := []health.File{
		{Name: "sessions.db", Path: "/data/sessions.db", State: "full", Since: time.Date(2026, 11, 28, 20, 15, 2, 0, time.UTC), Cause: "no space left on device", Works: "w", Refused: "r", Do: "d"},
		{Name: "console.db", Path: "/data/console.db", State: "ok"},
	}
	stores.Files = func() []health.File { return troubled }
	s, _ := start(t, dir, stores)
	if st, err := ShowStatus.Run(context.Background(), &Client{Dir: dir, Actor: "root", Files: noFiles}, All{}); err != nil || !slices.Equal(st.Files, troubled) {
		t.Errorf("ShowStatus through the server = %+v, %v; want %+v", st, err, troubled)
	}
	stop(t, s)
	c := &Client{Dir: dir, Actor: "root", Files: func(_ context.Context, need Need) (Stores, func() error, error) {
		if need != (Need{}) {
			t.Errorf("ShowStatus needs %+v; want no file", need)
		}
		return Stores{}, func() error { return nil }, nil
	}}
	if _, err := ShowStatus.Run(context.Background(), c, All{}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("ShowStatus without a server = %v; want ErrNotRunning", err)
	}
}
