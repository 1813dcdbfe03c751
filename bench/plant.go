package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// planters is how many wait for the disk together while planting; they share
// its fsyncs. The storage's queue holds 8,192.
const planters = 2048

// plant writes n live sessions into dir/data through the real storage, before
// the product is started there, and returns their ids in an order that has
// nothing to do with the one in which they were written. A session keeps the
// lifetime that it was made with, whatever the product is told.
func plant(ctx context.Context, dir string, n int, life record.Lifetime, seed uint64) ([]string, error) {
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		return nil, fmt.Errorf("plant sessions: %w", err)
	}
	store, err := storage.Open(storage.Config{
		Database: sessionFile(dir), MaxSessions: n, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, fmt.Errorf("plant sessions: %w", err)
	}
	ids := make([]string, n)
	if err := errors.Join(plantAll(ctx, store, ids, life), store.Close()); err != nil {
		return nil, fmt.Errorf("plant sessions: %w", err)
	}
	order := mathrand.New(mathrand.NewPCG(seed, 0))
	order.Shuffle(n, func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids, nil
}

// plantAll fills ids; the first error stops all.
func plantAll(ctx context.Context, store *storage.Storage, ids []string, life record.Lifetime) error {
	value, err := plantedValue()
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(planters, len(ids)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(ids)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				ids[i] = rand.Text()
				if err := store.Create(record.KeyOf(ids[i]), value, life); err != nil {
					fail(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// plantedValue is what the product stores for a visitor of /set/ who has no
// User-Agent: where he came from, and Fiber's gob of the session's values. A test
// holds it against the product's own.
func plantedValue() ([]byte, error) {
	const from = "127.0.0.1"
	var b bytes.Buffer
	b.WriteString("\x91" + string(rune(len(from))) + from + "\x00")
	if err := gob.NewEncoder(&b).Encode(map[string]any{"name": visitorName}); err != nil {
		return nil, fmt.Errorf("encode a session: %w", err)
	}
	return b.Bytes(), nil
}

// longLife is for sessions that must outlive a whole run of the bench.
var longLife = record.Lifetime{Idle: time.Hour, Absolute: 12 * time.Hour}
