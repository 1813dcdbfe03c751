package account

import (
	"context"
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

	writing sync.Mutex // held by one change until it is on disk; protects the fields below
	closed  bool
	fence   error // the error of the commit that fenced the file; nil before
	full    bool  // the last commit failed for lack of room, and this is logged
}

// Open opens the file, or creates a missing one with mode 0600. It waits 2 s for another
// process. Errors, which leave the file unchanged: ErrInUse, ErrNewerFormat, ErrDamaged,
// or the disk's.
func Open(_ context.Context, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	db, err := openFile(cfg.Path)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, db: db, throttle: newThrottle()}
	if err := s.load(); err != nil {
		_ = db.Close() // nothing was written
		return nil, err
	}
	s.tighten()
	s.hasher = newHasher()
	return s, nil
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
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close accounts file %q: %w", s.cfg.Path, err)
	}
	return nil
}
