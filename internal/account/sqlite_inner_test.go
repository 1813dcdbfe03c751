package account

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// An endingContext ends when it was asked for its end a number of times.
type endingContext struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func (c *endingContext) Done() <-chan struct{} {
	if c.left.Add(-1) < 0 {
		c.cancel()
	}
	return c.Context.Done()
}

// The end of a request, or of the server, while a change moves from the log to the file is
// no fault to warn of, and later changes still wait for those of other programs.
func TestSQLite_EndsWhileItEmptiesTheLog(t *testing.T) {
	var log bytes.Buffer
	s, err := Open(t.Context(), Config{
		Path: filepath.Join(t.TempDir(), "accounts.sqlite"), Logger: slog.New(slog.NewTextHandler(&log, nil)),
	}.Cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	db, engine := s.keeper.db, s.engine.(*sqliteEngine)
	ended := 0
	for left := range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		ending := &endingContext{Context: ctx, cancel: cancel}
		ending.left.Store(int64(left))
		engine.committed(ending, db)
		if ctx.Err() != nil {
			ended++
		}
		cancel()
		var wait int
		if err := db.write.QueryRow("PRAGMA busy_timeout").Scan(&wait); err != nil || wait != 5000 {
			t.Errorf("asked %d times: busy_timeout = %d, %v; want 5000", left, wait, err)
		}
	}
	if ended < 3 {
		t.Errorf("%d contexts ended; want some at each step", ended)
	}
	if log.Len() > 0 {
		t.Errorf("log = %s; want nothing", &log)
	}
}
