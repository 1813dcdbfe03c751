package account

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Bounds. At MaxUsers and maxGroups additions get ErrFull. The audit log keeps
// the newest maxEntries, and only maxFailures each of failed and of throttled
// sign-ins: attackers cannot push out what operators did.
const (
	MaxUsers    = 10_000
	maxGroups   = 1_000
	maxEntries  = 1_000_000
	maxFailures = 100_000
)

// Config is what Open needs.
type Config struct {
	Path   string           // of the file; its folder must exist
	Now    func() time.Time // nil is time.Now
	Logger *slog.Logger     // gets what the file suffers, and throttled sign-ins; nil is slog.Default()

	// CheapHashes makes hashes in a few microseconds that protect nothing. Only
	// tests of other packages set it.
	CheapHashes bool

	cost argon2Cost // zero is defaultCost; tests take less
	keep retention  // zero is the bounds above; tests take less
	look int        // 0 is mostLooked; tests take less
}

// A Store keeps users, groups and the audit log in one file. It is safe for
// concurrent use.
//
// Users and groups are few, so all of them are in memory. A change copies the
// state, writes what differs and its audit entry to the file, and publishes the copy
// when the file is synced: readers see whole and durable changes only.
type Store struct {
	cfg      Config
	db       *bolt.DB
	state    atomic.Pointer[state]
	hasher   *hasher
	throttle *throttle
	decoyKey []byte

	writing sync.Mutex // one change at a time, until it is on disk; protects what follows
	closed  bool
	fence   error // of the commit after which the file is no longer written
	full    bool  // the last commit found no room, which has been logged
}

// Open opens the file, or makes one for its owner only. It waits 2 s for another
// process. Errors, with the file as it was: ErrInUse, ErrNewerFormat, ErrDamaged, or
// the disk's.
func Open(cfg Config) (*Store, error) {
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

// now is the time as it is kept: UTC, and to the millisecond.
func (s *Store) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Millisecond) }

// Close finishes what is under way and closes the file. Calls after it get
// ErrClosed; reads from memory go on. It is idempotent.
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
