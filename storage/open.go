package storage

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"pagesession/internal/disk"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// A Storage keeps sessions. It is safe for concurrent use.
type Storage struct {
	cfg     Config
	lock    *file.Lock
	file    *file.File
	line    *clock.Timeline
	index   *index.Index
	trash   *garbage
	writer  *writer
	sweeper *sweeper
	copying sync.Mutex // one backup at a time
	dropped int        // sessions of the file that had expired; see Stats
	listing sync.Mutex // one List at a time
	waiters sync.Pool  // of *waiter
	surveys sync.Pool  // of *survey: its memory, which goes when no List comes for a while

	closing sync.RWMutex // held to queue a change: none is queued once closed is set under it
	closed  atomic.Bool
	gone    chan struct{} // closed with it
	waits   waits
	once    sync.Once
	result  error // of Close
}

// New opens a storage as Fiber's drivers do: it panics where Open fails.
func New(config ...Config) *Storage {
	var cfg Config
	if len(config) > 0 {
		cfg = config[0]
	}
	s, err := Open(cfg)
	if err != nil {
		panic(err)
	}
	return s
}

// Open takes possession of the session file, reads what lives on in it, and
// replaces it by a fresh one. That takes about 0.3 s per 100,000 sessions. A
// damaged file is moved aside and reported to the logger. Errors: ErrInUse,
// ErrForeign, ErrNewerFormat, ErrConfig, or the disk's; the file is then as it
// was.
func Open(cfg Config) (*Storage, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if target, err := filepath.EvalSymlinks(cfg.Database); err == nil {
		cfg.Database = target
	}
	lock, err := file.Acquire(cfg.Database, cfg.Timeout)
	if err != nil {
		return nil, err
	}
	s := &Storage{cfg: cfg, lock: lock, gone: make(chan struct{}), waiters: sync.Pool{New: newWaiter}}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	go s.writer.run()
	go s.sweeper.run()
	return s, nil
}

// open writes the new file beside the old one, syncs and renames it: whenever the
// process is killed, one of them is whole under its name.
func (s *Storage) open() error {
	if err := s.tidy(); err != nil {
		return err
	}
	old, damage := file.Load(s.cfg.Database, s.cfg.Bucket, s.cfg.Timeout)
	if damage != nil && !errors.Is(damage, file.ErrDamaged) {
		return damage
	}
	defer old.Release()
	if damage == nil && old.Broken > 0 {
		damage = fmt.Errorf("%w: %d unreadable entries", file.ErrDamaged, old.Broken)
	}
	s.prepare(old)
	live, ends := s.restored(old)
	if runtime.GOOS == "windows" {
		old.Release()
	}
	if err := s.replaceFile(old, damage, live, ends); err != nil {
		return err
	}
	s.populate(live, ends)
	return nil
}

// Suffixes of what may be left over when the process was killed.
const (
	freshSuffix   = ".new"
	copyingSuffix = ".copying-"
)

// tidy removes what an earlier owner left behind.
func (s *Storage) tidy() error {
	left, _ := filepath.Glob(s.cfg.Database + copyingSuffix + "*") // a path that is a bad pattern finds none
	for _, path := range append(left, s.cfg.Database+freshSuffix) {
		if err := removeIfThere(path); err != nil {
			return fmt.Errorf("remove half-written file: %w", err)
		}
	}
	return nil
}

// prepare makes the parts; nothing runs yet.
func (s *Storage) prepare(old *file.Loaded) {
	cfg := s.cfg
	s.line = clock.NewTimeline(cfg.Clock, old.Mark)
	s.index = index.New(cfg.MaxEnded, s.line)
	s.trash = &garbage{maxEnds: cfg.MaxEnded}
	flushes := newJournal()
	s.file = file.New(file.Config{Bucket: cfg.Bucket, Wait: cfg.Timeout, MaxSize: cfg.MaxFileBytes, Line: s.line})
	s.sweeper = &sweeper{
		index: s.index, trash: s.trash, journal: flushes, every: cfg.SweepInterval,
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	s.writer = &writer{
		cfg: cfg, file: s.file, index: s.index, line: s.line, trash: s.trash, journal: flushes, sweeper: s.sweeper, waits: &s.waits,
		queue: make(chan *change, 2*cfg.QueueSize), done: make(chan struct{}),
	}
}

// moveAside keeps the file that Open found beside the fresh one, unless the fresh
// one has all of it.
func (s *Storage) moveAside(l *file.Loaded, damage error, kept int) error {
	suffix, message, found := ".damaged-", "session file was damaged and has been moved aside", slog.Any("damage", damage)
	switch {
	case damage == nil && len(l.Raw) == 0:
		return nil
	case damage == nil:
		suffix, found = ".older-", slog.Int("sessions_found", len(l.Raw))
		message = "session file of the stock driver was migrated and has been kept; it holds session ids in clear: delete it when the upgrade has proved itself"
	}
	name, err := file.MoveAside(s.cfg.Database, suffix, s.cfg.Clock.Wall())
	if err != nil {
		return fmt.Errorf("move session file aside: %w", err)
	}
	s.cfg.Logger.Warn(message, found, slog.String("moved_to", name), slog.Int("sessions_kept", kept))
	return nil
}

// replaceFile writes the fresh file, puts it in the place of the old one and opens it.
func (s *Storage) replaceFile(old *file.Loaded, damage error, live []*entry.Entry, ends []entry.End) error {
	path := s.cfg.Database
	fresh := path + freshSuffix
	if err := s.file.Build(fresh, live, ends); err != nil {
		return fmt.Errorf("write session file %q: %w", fresh, errors.Join(err, removeIfThere(fresh)))
	}
	if err := s.moveAside(old, damage, len(live)); err != nil {
		return err
	}
	if err := disk.Rename(fresh, path); err != nil {
		return fmt.Errorf("replace session file %q: %w", path, err)
	}
	return s.file.Open(path)
}

// populate makes what the file holds visible.
func (s *Storage) populate(live []*entry.Entry, ends []entry.End) {
	for _, r := range live {
		if older := s.index.Restore(r); older != 0 {
			s.trash.add([]uint64{older}, nil)
		}
	}
	for _, e := range ends {
		s.index.Remember(e)
	}
}

// Refresh starts a live session's idle time again (never past its absolute
// timeout) and returns it as it is from now on. It leaves anything else as it
// is. It waits for no disk; the deadline is durable after FlushInterval and one
// commit, or after Sync. The Value is shared: read only.
func (s *Storage) Refresh(k record.Key) record.Record { return s.index.Refresh(&k) }

// Peek is Refresh without moving anything.
func (s *Storage) Peek(k record.Key) record.Record { return s.index.Peek(&k) }

// Memoize keeps memo beside a session's value until the value changes; Refresh
// and Peek return it. It does nothing when the session's Version is not version
// any more. memo is in memory only and must not be changed afterwards.
func (s *Storage) Memoize(k record.Key, version uint64, memo any) { s.index.Memoize(&k, version, memo) }

// Sweep removes what has expired from memory, has it removed from the file by
// the next flushes, 20,000 with each, and returns how many sessions that were.
// Calling it is optional: it only frees space early.
func (s *Storage) Sweep() int {
	n := s.sweeper.round()
	s.trash.ripen(0)
	return n
}

// Close answers what is queued, writes all touches, and closes the file. Calls
// after it get ErrClosed; Refresh and Peek go on in memory, without effect on
// the file. It is idempotent.
func (s *Storage) Close() error {
	s.once.Do(func() { s.result = s.close() })
	return s.result
}

func (s *Storage) close() error {
	s.closing.Lock()
	s.closed.Store(true)
	s.closing.Unlock()
	close(s.gone)
	close(s.sweeper.stop)
	<-s.sweeper.done
	close(s.writer.queue) // behind the sweeper: its last ends go with the last flush
	<-s.writer.done
	err := errors.Join(s.writer.last, s.file.Close(), s.lock.Release())
	if err != nil {
		return fmt.Errorf("close session file %q: %w", s.cfg.Database, err)
	}
	return nil
}
