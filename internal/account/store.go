package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Bounds. At MaxUsers and maxGroups a further one gets ErrFull. The audit log keeps the
// newest maxEntries. Of failed and of throttled sign-ins it keeps only maxFailures each,
// so attackers cannot push out the entries of operators.
const (
	MaxUsers    = 10_000
	maxGroups   = 1_000
	maxEntries  = 1_000_000
	maxFailures = 100_000
)

// Config configures Open.
type Config struct {
	Path   string           // of the file, in an existing folder
	Now    func() time.Time // nil for time.Now
	Logger *slog.Logger     // gets failures of the file and throttled sign-ins; nil for slog.Default()

	// CheapHashes makes hashes in a few microseconds, without any protection. Only
	// tests of other packages set it.
	CheapHashes bool

	cost argon2Cost // zero for defaultCost; tests set less
	keep retention  // zero for the bounds above; tests set less
	look int        // 0 for mostLooked; tests set less
}

// A Store has users, groups and the audit log in one file. It is safe for concurrent use.
//
// All users and groups are also in memory, because they are few. A change copies the
// state, writes the differences and its audit entry to the file, and publishes the copy
// when the file is synced. Readers see only complete and durable changes.
type Store struct {
	cfg      Config
	db       *bolt.DB
	state    atomic.Pointer[state]
	hasher   *hasher
	throttle *throttle
	decoyKey []byte

	down   error                   // why the file could not be opened; nil: it is open
	unwell atomic.Pointer[trouble] // why the file cannot be used, and since when; nil: it can

	writing sync.Mutex // held by one change until it is on disk; protects the fields below
	closed  bool
	fence   error // the error of the commit that fenced the file; nil before
	full    bool  // the last commit failed for lack of room, and this is logged
}

// trouble is why the file cannot be used, and since when.
type trouble struct {
	since time.Time
	err   error
}

// Open opens the file, or creates a missing one with mode 0600. It waits 2 s for another
// process. If the file is damaged or the disk fails, everything that the Store is asked
// returns ErrUnavailable; see Health. Errors, which leave the file unchanged: ErrInUse,
// ErrNewerFormat.
func Open(_ context.Context, cfg Config) (*Store, error) {
	s := &Store{cfg: cfg.withDefaults(), throttle: newThrottle(), hasher: newHasher()}
	err := s.open()
	if errors.Is(err, ErrInUse) || errors.Is(err, ErrNewerFormat) {
		return nil, err
	}
	if err != nil {
		s.down = fmt.Errorf("%w: %w", ErrUnavailable, err)
		s.unwell.Store(&trouble{s.now(), s.down})
		s.cfg.Logger.Error("accounts file cannot be opened; visitors are served, the console is closed", slog.Any("error", err))
	}
	return s, nil
}

func (s *Store) open() (err error) {
	if s.db, err = openFile(s.cfg.Path); err != nil {
		return err
	}
	if err := s.load(); err != nil {
		_ = s.db.Close() // nothing was written
		return err
	}
	s.tighten()
	return nil
}

// Health returns why the file cannot be used, and since when; nil if it can.
func (s *Store) Health() (since time.Time, err error) {
	if t := s.unwell.Load(); t != nil {
		return t.since, t.err
	}
	return time.Time{}, nil
}

// present returns the state, or ErrUnavailable if the file could not be opened.
func (s *Store) present() (*state, error) {
	if s.down != nil {
		return nil, s.down
	}
	return s.state.Load(), nil
}

func (cfg Config) withDefaults() Config {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.CheapHashes {
		cfg.cost = argon2Cost{memory: 8, passes: 1, threads: 1}
	}
	if cfg.cost == (argon2Cost{}) {
		cfg.cost = defaultCost
	}
	if cfg.look == 0 {
		cfg.look = mostLooked
	}
	if cfg.keep == (retention{}) {
		cfg.keep = retention{entries: maxEntries, failures: maxFailures}
	}
	return cfg
}

// now returns the time as the file has it: UTC, in milliseconds.
func (s *Store) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Millisecond) }

// Close waits for a running change and closes the file. Later changes get ErrClosed; reads
// from memory still work. It is idempotent.
func (s *Store) Close() error {
	s.hasher.close()
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.down != nil {
		return nil
	}
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close accounts file %q: %w", s.cfg.Path, err)
	}
	return nil
}
