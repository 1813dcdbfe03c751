package account

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Cheap makes hashes that cost nothing, for tests that are about other things.
func (cfg Config) Cheap() Config {
	cfg.cost = argon2Cost{memory: 8, passes: 1, threads: 1}
	return cfg
}

// Dearer makes hashes that cost a little more.
func (cfg Config) Dearer() Config {
	cfg.cost = argon2Cost{memory: 16, passes: 2, threads: 1}
	return cfg
}

// Keep makes the audit log shorter.
func (cfg Config) Keep(entries, failures uint64) Config {
	cfg.keep = retention{entries, failures}
	return cfg
}

// Look makes a page of the audit log look at less.
func (cfg Config) Look(entries int) Config {
	cfg.look = entries
	return cfg
}

// HashOf is the stored hash of a user.
func (s *Store) HashOf(id uint64) string { return s.state.Load().users[id].hash }

// SetHash plants a hash, as an import does.
func (s *Store) SetHash(id uint64, hash string) error {
	return s.change(trusted, "", func(c *change) error {
		_, err := c.putUser(c.state.users[id].lent(), hash)
		return err
	})
}

// Occupy fills the hasher and its queue, until the function that it returns is
// called.
func (s *Store) Occupy() (release func()) {
	begun, block := make(chan struct{}), make(chan struct{})
	go func() { _ = s.hasher.do(func() { close(begun); <-block }) }()
	<-begun
	for range hashQueue {
		s.hasher.queue <- struct{}{}
	}
	return func() {
		for range hashQueue {
			<-s.hasher.queue
		}
		close(block)
	}
}

// Opens reports whether a stored hash is opened by a password, or why it never
// is.
func Opens(hash, password string) (bool, error) {
	h, err := parseHash(hash)
	return err == nil && h.opens(password), err
}

// NewHash is a hash as a new password gets it.
func NewHash(password string) string { return newHash(password, defaultCost) }

// DecoyIterations is what an unknown name costs: 0 is argon2id.
func (s *Store) DecoyIterations(name string) int { return s.decoy(name).iterations }

// Why a hash is refused.
var (
	ErrUnusable   = errUnusable
	ErrAlgorithm  = errAlgorithm
	ErrBadHash    = errBadHash
	ErrHashTooBig = errHashTooBig
)

// A Throttle of a given size, to be filled.
type Throttle struct{ t *throttle }

// NewThrottle holds at most most keys.
func NewThrottle(most int) Throttle {
	t := newThrottle()
	t.most = most
	return Throttle{t}
}

// Fail counts a failure of an account, if it may try.
func (t Throttle) Fail(now time.Time, name string) time.Duration {
	wait, _, busy := t.t.begin(now, accountKey(name))
	if wait == 0 && !busy {
		t.t.end(now, true, accountKey(name))
	}
	return wait
}

// Len is how many keys are remembered.
func (t Throttle) Len() int { return len(t.t.tries) }

// Parsed tells why a hash is refused, without work.
func Parsed(hash string) (bool, error) {
	h, err := parseHash(hash)
	return h.iterations > 0, err
}

// Fill adds users and entries, many in one transaction, but not so many that
// bbolt gets slow.
func (s *Store) Fill(users, entries int) error {
	const batch = 500
	for at := 0; at < max(users, entries); at += batch {
		err := s.change(trusted, "", func(c *change) error {
			for i := at; i < min(at+batch, users); i++ {
				if err := c.fillUser(i, s.cfg.cost); err != nil {
					return err
				}
			}
			for i := at; i < min(at+batch, entries); i++ {
				if err := c.audit(Event{Action: ActionRevoke, Kind: KindSession, ObjectID: fmt.Sprint("key", i)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *change) fillUser(i int, cost argon2Cost) error {
	_, err := c.putUser(User{
		Username: fmt.Sprint("filler", i), Email: fmt.Sprintf("filler%d@example.org", i), Active: i%2 == 0, Staff: i%3 == 0,
		Permissions: []Permission{ViewSession}, Joined: c.at, Epoch: 1, Version: 1,
	}, newHash("", cost))
	return err
}

// PanicInCommit makes a change whose commit panics.
func (s *Store) PanicInCommit() error {
	return s.change(trusted, "", func(c *change) error {
		c.tx.OnCommit(func() { panic("page 7: not there") })
		return c.audit(Event{Action: ActionRevoke, Kind: KindSession})
	})
}

// Rehashes reports whether a sign-in with this password costs one more hash.
func (s *Store) Rehashes(id uint64, password string) bool {
	u := s.state.Load().users[id]
	return s.check(u, u.Username, password).fresh != ""
}

// LimitFile makes the disk full at n bytes; 0 lets it grow again.
func (s *Store) LimitFile(n int) { s.db.MaxSize = n }

// DjangoExec tries to change a file that is open for reading.
func DjangoExec(path, statement string) error {
	db, err := openDjango(context.Background(), path, 0)
	if err != nil {
		return err
	}
	_, err = db.conn.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}

// ReadDjango reads a project's file of at most so many rows.
func ReadDjango(path string, most int) error {
	_, err := readDjango(path, most)
	return err
}

// DjangoURI is how a file is called for SQLite.
var DjangoURI = djangoURI

// MakeAndTidy makes the file as one process does while another, which has made
// it already, tidies up.
func MakeAndTidy(path string, times int) error {
	if err := makeFile(path); err != nil {
		return err
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				tidy(path)
			}
		}
	}()
	defer func() { close(stop); <-done }()
	for range times {
		if err := makeFile(path); err != nil {
			return err
		}
	}
	return nil
}
