package storage

import (
	"context"
	"fmt"
	"os"

	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
)

// openReadOnly reads the session file, and stops when the context is done. It starts no
// goroutine and writes nothing.
func openReadOnly(ctx context.Context, cfg Config) (*Storage, error) {
	if _, err := os.Stat(cfg.Database); err != nil { // Load takes a missing file for an empty one
		return nil, fmt.Errorf("storage: open session file read-only: %w", err)
	}
	old, err := file.Load(ctx, cfg.Database, cfg.Bucket, cfg.Timeout, cfg.limits())
	if err != nil {
		if old != nil { // damaged
			old.Release()
		}
		return nil, fmt.Errorf("storage: %w", err)
	}
	s := &Storage{cfg: cfg, gone: make(chan struct{})}
	s.prepare(old)
	if err := s.populate(ctx, s.restore(ctx, old), index.NoFlush); err != nil {
		old.Release()
		return nil, fmt.Errorf("storage: %w", err)
	}
	s.file().ReadFrom(old)
	return s, nil
}

func (s *Storage) closeReadOnly() error {
	s.closed.Store(true)
	close(s.gone)
	return s.file().Close()
}
