package peer

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/gob"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"pagesession/bench/load"
	"pagesession/storage"
	"pagesession/storage/record"
)

// writers is how many goroutines share the storage's fsyncs. Its queue holds 8,192.
const writers = 2048

// LongLife is the lifetime of sessions that outlive a whole run of the bench.
func LongLife() record.Lifetime {
	return record.Lifetime{Idle: time.Hour, Absolute: 12 * time.Hour}
}

// WriteSessions writes n live sessions into dir/data, before the product starts there, and
// returns their ids, ordered by the seed.
func WriteSessions(ctx context.Context, dir string, n int, life record.Lifetime, seed uint64) ([]string, error) {
	value, err := SessionValue(load.VisitorName)
	if err != nil {
		return nil, fmt.Errorf("write sessions: %w", err)
	}
	ids, err := WriteValues(ctx, dir, n, life, func(int) []byte { return value })
	load.Shuffle(ids, seed)
	return ids, err
}

// WriteValues is WriteSessions with a value for each number from 0 to n-1. The ids are in the
// order of the numbers, which is about the order in which the sessions begin.
func WriteValues(ctx context.Context, dir string, n int, life record.Lifetime, valueOf func(i int) []byte) ([]string, error) {
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		return nil, fmt.Errorf("write sessions: %w", err)
	}
	store, err := storage.Open(storage.Config{Database: SessionFile(dir), MaxSessions: n, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("write sessions: %w", err)
	}
	ids := make([]string, n)
	err = load.Share(ctx, n, writers, func(_, i int) error {
		ids[i] = rand.Text()
		return store.Create(context.Background(), record.KeyOf(ids[i]), valueOf(i), life)
	})
	if err := errors.Join(err, store.Close()); err != nil {
		return nil, fmt.Errorf("write sessions: %w", err)
	}
	return ids, nil
}

// SessionValue returns what the product stores for a visitor of that name without a User-Agent.
func SessionValue(name string) ([]byte, error) {
	const from = "127.0.0.1"
	var b bytes.Buffer
	b.WriteString("\x91" + string(rune(len(from))) + from + "\x00")
	err := gob.NewEncoder(&b).Encode(map[string]any{"name": name})
	return b.Bytes(), err
}
