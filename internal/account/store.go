package account

import (
	"errors"
	"log/slog"
	"time"
)

// Bounds. At MaxUsers and MaxGroups additions get ErrFull. The audit log
// forgets its oldest beyond MaxEntries; failed and throttled logins, of which
// an attacker can make many, are forgotten beyond MaxFailures already, so that
// they never push out what operators did.
const (
	MaxUsers    = 10_000
	MaxGroups   = 1_000
	MaxEntries  = 1_000_000
	MaxFailures = 100_000
)

// Config is what Open needs.
type Config struct {
	Path   string           // of the file; its folder must exist
	Now    func() time.Time // nil is time.Now
	Logger *slog.Logger     // nil is slog.Default()
}

// A Store keeps users, groups and the audit log in one file. It is safe for
// concurrent use.
type Store struct {
	cfg Config
}

var errNotBuilt = errors.New("not built")

// Open opens the file, or makes one that only we may read. It waits 2 s for
// another process to let go of it. Errors: ErrInUse, ErrNewerFormat,
// ErrDamaged, or the disk's; the file is then as it was.
func Open(cfg Config) (*Store, error) { return nil, errNotBuilt }

// Close finishes what is under way and closes the file. Calls after it get
// ErrClosed; reads from memory go on. It is idempotent.
func (s *Store) Close() error { return errNotBuilt }

// User returns the user with this id, or ErrNotFound.
func (s *Store) User(id uint64) (User, error) { return User{}, errNotBuilt }

// UserByName returns the user with this username, or ErrNotFound.
func (s *Store) UserByName(username string) (User, error) { return User{}, errNotBuilt }

// Users returns one page of users. It reads memory only.
func (s *Store) Users(q UserQuery) UserPage { return UserPage{} }

// Valid is for every request of the console: it returns the user if he may
// still go on in a session that was begun at epoch, which means that he is
// there, active and staff, and that nothing has ended his sessions since. It
// reads memory only, without a lock.
func (s *Store) Valid(id, epoch uint64) (User, bool) { return User{}, false }

// HasSuperuser tells whether there is a superuser who can log in: active,
// staff, and with a password.
func (s *Store) HasSuperuser() bool { return false }

// Group returns the group with this id, or ErrNotFound.
func (s *Store) Group(id uint64) (Group, error) { return Group{}, errNotBuilt }

// GroupByName returns the group with this name, or ErrNotFound.
func (s *Store) GroupByName(name string) (Group, error) { return Group{}, errNotBuilt }

// Groups returns one page of groups. It reads memory only.
func (s *Store) Groups(q GroupQuery) GroupPage { return GroupPage{} }
