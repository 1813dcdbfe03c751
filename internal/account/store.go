package account

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/internal/network"
	"pagesession/internal/passkey"
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

// patience bounds the time of one read or change.
const patience = 5 * time.Second

// FileName is the name of the SQLite file in a data folder.
const FileName = "accounts.sqlite"

// Config configures Open.
type Config struct {
	Path   string           // of the SQLite file, in an existing folder of a local disk; with a URL "" for no folder
	URL    string           // of a PostgreSQL database to use instead; "" for the file. Path says then where an earlier version's file may be
	Now    func() time.Time // nil for time.Now
	Logger *slog.Logger     // gets failures of the database and throttled sign-ins; nil for slog.Default()

	// SecretKey seals the secrets of authenticator apps: the content of secret.key. Servers
	// that share a database need the same one. Without it these apps do not work, and all
	// else does.
	SecretKey []byte
	// Shared counts failed sign-ins over all servers; nil: each counts its own, in memory. It
	// needs SecretKey, the same on all servers.
	Shared Shared
	// Required says who must have a second factor; the zero value is Optional.
	Required Requirement

	// Addresses says what the audit log and the log have of addresses; the zero value keeps them
	// whole. Failed sign-ins count by the whole address.
	Addresses network.Kept

	// AuditKeep is how long entries of the audit log are kept; 0: until others push them out. A
	// Store removes older ones in the background.
	AuditKeep time.Duration

	// CheapHashes makes hashes in a few microseconds, without any protection. Only
	// tests of other packages set it.
	CheapHashes bool

	// Wait bounds the time that Open waits for a PostgreSQL that does not answer; 0 for
	// 5 seconds. The Store goes on in the background, and is unavailable meanwhile.
	Wait time.Duration

	moving bool // the database is the target of Move: without an earlier version's file, and half filled
	source bool // the database is the source of Move: its data folder may name another one

	cost argon2Cost // zero for defaultCost; tests set less
	keep retention  // zero for the bounds above; tests set less
	look int        // 0 for mostLooked; tests set less

	opens func(passwordHash, string) bool // nil for passwordHash.opens; tests count its calls
}

// A Store has users, groups and the audit log in a database. It is safe for concurrent
// use, and several processes may use one database.
//
// A change and its audit entry are one transaction, durable when the change returns nil.
// While the database cannot be used, everything returns ErrUnavailable with the cause; the
// Store tries each second to use it again.
type Store struct {
	cfg       Config
	engine    engine
	keeper    *keeper
	hasher    *hasher
	throttle  *throttle
	signIns   signIns
	learned   atomic.Uint64 // from which sign-in on the throttle lacks networks; 0: it has read none
	operators *cache        // for Valid
	unwritten unwritten     // sign-ins that a full disk could not take
	expiry    expiry
	spent     spent // codes that were used in them
	sealer    sealer
	noPasskey passkey.Key // to check answers of unknown passkeys against
}

// unwritten has the entries that wait for room on the disk.
type unwritten struct {
	sync.Mutex
	entries []Entry
}

// Open opens the database, or creates a missing file with mode 0600. It returns a Store
// also if the database is damaged or cannot be reached; Health then says why, and the
// caller logs it. Errors, which leave the database unchanged: a URL that cannot be parsed,
// a file on a network file system, ErrNewerFormat.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	e, err := newEngine(cfg)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, engine: e, throttle: newThrottle(), hasher: newHasher(), operators: newCache(cfg.Now), sealer: newSealer(cfg.SecretKey)}
	if cfg.Shared != nil {
		if s.throttle, err = newSharedThrottle(cfg.Shared, cfg.SecretKey); err != nil {
			return nil, err
		}
	}
	if s.noPasskey, err = passkey.Decoy(); err != nil {
		return nil, err
	}
	if err := keep(ctx, s); err != nil {
		return nil, err
	}
	return s, nil
}

func newEngine(cfg Config) (engine, error) {
	if cfg.URL != "" {
		return newPostgres(cfg)
	}
	return newSQLite(cfg)
}

func (cfg Config) withDefaults() Config {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Logger = cmp.Or(cfg.Logger, slog.Default())
	if cfg.CheapHashes {
		cfg.cost = argon2Cost{memory: 8, passes: 1, threads: 1}
	}
	cfg.cost = cmp.Or(cfg.cost, defaultCost)
	if cfg.opens == nil {
		cfg.opens = passwordHash.opens
	}
	cfg.Wait = cmp.Or(cfg.Wait, patience)
	cfg.look = cmp.Or(cfg.look, mostLooked)
	cfg.keep = cmp.Or(cfg.keep, retention{entries: maxEntries, failures: maxFailures})
	return cfg
}

// now returns the time as the database has it: UTC, in microseconds.
func (s *Store) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Microsecond) }

// Health returns why the database cannot be used, and since when; nil if it can.
func (s *Store) Health() (since time.Time, err error) { return s.keeper.health() }

// Close waits for a running hash and for running transactions, and closes the database.
// Later calls get ErrClosed. It is idempotent.
func (s *Store) Close() error {
	s.hasher.close()
	return s.keeper.close()
}
