package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"pagesession/internal/disk"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// A Storage keeps sessions in memory and in a file. Its methods are safe for
// concurrent use. Make one with Open or New, and Close it.
type Storage struct {
	cfg     Config
	lock    *file.Lock
	line    *clock.Timeline
	index   *index.Index
	trash   *garbage
	writer  *writer
	sweeper *sweeper
	copying sync.Mutex // one backup at a time
	dropped int        // see Stats.Dropped
	listing sync.Mutex // one List at a time
	waiters sync.Pool  // of *waiter
	surveys sync.Pool  // of *query.Survey: keeps its memory from one List to the next

	closing sync.RWMutex // read-locked while a change is queued, so that none is queued after close
	closed  atomic.Bool
	gone    chan struct{} // closed by Close
	waits   waits
	once    sync.Once
	result  error // what Close returned
}

// New is Open in the form that Fiber's drivers have. It panics with Open's error.
func New(config ...Config) *Storage {
	var cfg Config
	if len(config) > 0 {
		cfg = config[0]
	}
	s, err := Open(cfg)
	switch {
	case errors.Is(err, ErrInUse):
		panic(fmt.Errorf("%w; open each session file only once: share the Storage, and switch off Fiber's Prefork", err))
	case err != nil:
		panic(err)
	}
	return s
}

// Open locks the session file, reads the sessions that are still live, and puts a
// fresh, compact file in its place. It uses a whole file as it is that has 100,000
// sessions or more and little else. Open takes about 0.1 s per 100,000 sessions while
// the system has the file in its memory. A file that does not exist is created. A
// damaged file is kept under another name and reported to the logger.
//
// Errors: ErrInUse, ErrForeign, ErrNewerFormat, ErrConfig, record.ErrMoved, or the
// disk's. After an error the file is as it was, or the fresh file is in its place.
func Open(cfg Config) (*Storage, error) { return OpenContext(context.Background(), cfg) }

// OpenContext is Open, and stops when the context is done, within a second whatever
// the size of the file, which it leaves as it was. Errors: also the context's.
func OpenContext(ctx context.Context, cfg Config) (*Storage, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if target, err := filepath.EvalSymlinks(cfg.Database); err == nil {
		cfg.Database = target
	}
	if cfg.ReadOnly {
		return openReadOnly(ctx, cfg)
	}
	lock, err := file.Acquire(cfg.Database, cfg.Timeout)
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	s := &Storage{cfg: cfg, lock: lock, gone: make(chan struct{}), waiters: sync.Pool{New: newWaiter}}
	if err := s.open(ctx); err != nil {
		return nil, fmt.Errorf("storage: %w", errors.Join(err, lock.Release()))
	}
	s.writer.shown = s.file().LastSeq()
	go s.writer.run()
	go s.sweeper.run()
	return s, nil
}

// open writes the new file beside the old one, syncs it and renames it. If the
// process is killed at any step, the name leads to one whole file.
func (s *Storage) open(ctx context.Context) error {
	if err := s.tidy(); err != nil {
		return err
	}
	old, damage := file.Load(ctx, s.cfg.Database, s.cfg.Bucket, s.cfg.Timeout, s.cfg.limits())
	if damage != nil && !errors.Is(damage, file.ErrDamaged) {
		return damage
	}
	defer old.Release()
	if damage == nil && old.Broken > 0 {
		damage = fmt.Errorf("%w: %d entries cannot be read", file.ErrDamaged, old.Broken)
	}
	if m := old.Move(); m != (record.Move{}) && !s.cfg.Moving {
		return &record.MovedError{Move: m}
	}
	s.prepare(old)
	left := s.restore(ctx, old)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.usable(old, damage) && s.isCompact(old, left) {
		done, err := s.useAsIs(ctx, old, left)
		if done {
			return err
		}
		s.cfg.Logger.Warn("session file cannot be used as it is, so it is written anew, which takes longer",
			slog.String("file", s.cfg.Database), slog.Any("error", err))
	}
	if runtime.GOOS == "windows" {
		old.Release()
	}
	left.keepNumbers()
	err := s.replaceFile(ctx, old, damage, left)
	if isRoom(err) {
		return s.openFull(ctx, old, damage, left, err)
	}
	if err != nil {
		return err
	}
	if err := s.populate(ctx, left, index.NoFlush); err != nil {
		return errors.Join(err, s.file().Close())
	}
	return nil
}

// Suffixes of temporary files, which a killed process leaves behind.
const (
	freshSuffix   = ".new"
	foreignSuffix = ".foreign-" // stays: see rebuilder.moveAside
	copyingSuffix = ".copying-"
)

// tidy removes the temporary files of a process that was killed.
func (s *Storage) tidy() error {
	left, _ := filepath.Glob(s.cfg.Database + copyingSuffix + "*") // a path that is a malformed pattern matches none
	for _, path := range append(left, s.cfg.Database+freshSuffix) {
		if err := removeIfThere(path); err != nil {
			return fmt.Errorf("remove the half-written file of an earlier process: %w", err)
		}
	}
	return nil
}

// prepare makes the parts of the storage. It starts no goroutine.
func (s *Storage) prepare(old *file.Loaded) {
	cfg := s.cfg
	s.line = clock.NewTimeline(cfg.Clock, old.Mark)
	s.index = index.New(cfg.MaxEnded, s.line)
	s.trash = &garbage{maxEnds: cfg.MaxEnded}
	flushes := newJournal()
	s.sweeper = &sweeper{
		index: s.index, trash: s.trash, journal: flushes, every: cfg.SweepInterval,
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	s.writer = &writer{
		cfg: cfg, lock: s.lock, index: s.index, line: s.line, trash: s.trash, journal: flushes, sweeper: s.sweeper, waits: &s.waits,
		owed: debts{most: cfg.MaxEnded}, more: make(chan struct{}, 1), states: &stateLog{log: cfg.Logger, quiet: cfg.QueueTimeout},
		garbage: maxGarbage, queue: make(chan *change, 2*cfg.QueueSize), done: make(chan struct{}),
	}
	move := old.Move()
	s.writer.move.Store(&move)
	s.writer.file.Store(s.newFile(0))
}

func (c *Config) limits() file.Limits { return file.Limits{Memory: c.MemoryLimit, Ends: c.MaxEnded} }

// newFile returns a file to be built or opened, whose numbers follow seq.
func (s *Storage) newFile(seq uint64) *file.File {
	cfg := s.cfg
	return file.New(file.Config{Bucket: cfg.Bucket, Wait: cfg.Timeout, MaxSize: cfg.MaxFileBytes, Line: s.line, Opened: cfg.opened}, seq, s.Mark())
}

// moveAside keeps the old file under a new name if it was damaged, or holds values
// of Fiber's own driver. Otherwise the fresh file has all that it had.
func (s *Storage) moveAside(l *file.Loaded, damage error, kept int) error {
	suffix, message, found := ".damaged-", "session file was damaged; it is kept under another name", slog.Any("error", damage)
	switch {
	case damage == nil && len(l.Raw) == 0:
		return nil
	case damage == nil:
		suffix, found = ".older-", slog.Int("sessions_found", len(l.Raw))
		message = "session file of the stock driver was migrated; the old file is kept and has session ids in clear, so delete it when the upgrade has proved itself"
	}
	name, err := file.MoveAside(s.cfg.Database, suffix, s.cfg.Clock.Wall())
	if err != nil {
		return fmt.Errorf("keep the old session file under another name: %w", err)
	}
	s.cfg.Logger.Warn(message, slog.String("file", s.cfg.Database), found, slog.String("moved_to", name), slog.Int("sessions_kept", kept))
	return nil
}

// replaceFile writes the fresh file, renames it over the old one and opens it. The
// old file is as it was if there is no room for the fresh one.
func (s *Storage) replaceFile(ctx context.Context, old *file.Loaded, damage error, left *leftOver) error {
	path := s.cfg.Database
	fresh := path + freshSuffix
	if err := s.file().Build(ctx, fresh, left.live, left.ends); err != nil {
		return fmt.Errorf("write session file %q: %w", fresh, errors.Join(err, removeIfThere(fresh)))
	}
	if err := s.moveAside(old, damage, len(left.live)); err != nil {
		return err
	}
	if err := disk.Rename(fresh, path); err != nil {
		return fmt.Errorf("replace session file %q: %w", path, err)
	}
	s.rewritten()
	old.Release() // its room on the disk with it
	return s.file().Open(path)
}

// file returns the session file, which changes when a failed one is replaced.
func (s *Storage) file() *file.File { return s.writer.file.Load() }

// Refresh extends a live session: it starts the idle timeout again, up to the
// absolute timeout, and returns the session as it is from now on. For any other key
// it returns the same as Peek. Refresh waits for no disk. The new deadline is
// durable after FlushInterval plus one commit, or after Sync.
func (s *Storage) Refresh(k record.Key) record.Record { return s.index.Refresh(&k) }

// Peek returns what is known of a key and extends nothing. The zero Record stands
// for a key that was never used or is forgotten. Peek waits for no disk.
func (s *Storage) Peek(k record.Key) record.Record { return s.index.Peek(&k) }

// Memoize keeps memo, in memory, beside a session's value; Refresh and Peek return
// it until the value changes. If the session has another version or is not live,
// Memoize does nothing. The memo is shared with all readers: do not modify it
// afterwards.
func (s *Storage) Memoize(k record.Key, version uint64, memo any) { s.index.Memoize(&k, version, memo) }

// Sweep removes all expired sessions from memory and returns how many there were.
// The next transactions remove them from the file, up to 1,000 each. The storage sweeps
// by itself; a call only frees the space earlier.
func (s *Storage) Sweep() int {
	n := s.sweeper.round()
	s.trash.ripen(0)
	return n
}
