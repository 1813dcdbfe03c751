package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"pagesession/internal/disk"
)

// A change is a running transaction, with its copy of the state and its actor.
type change struct {
	tx    *bolt.Tx
	state *state
	actor Actor
	by    *member // the actor in the console; nil elsewhere
	at    time.Time
	keep  retention
	wrote bool
}

// change runs do on a copy of the state, if the actor has the permission need ("" for
// none), and publishes the copy when the file is synced. After an error of do everything
// stays as it was. A change that writes nothing skips the commit. bbolt panics if the
// file was damaged since Open: in the commit this fences the file, before the commit the
// caller gets the panic.
func (s *Store) change(actor Actor, need Permission, do func(*change) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	if s.closed {
		return ErrClosed
	}
	if s.down != nil {
		return s.down
	}
	if s.fence != nil {
		return fmt.Errorf("%w; repair the disk and restart the server: %w", ErrUnavailable, s.fence)
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer func() { _ = tx.Rollback() }() // no effect after a commit
	c := &change{tx: tx, state: s.state.Load().next(), actor: actor, at: s.now(), keep: s.cfg.keep}
	if err := c.decide(need, do); err != nil || !c.wrote {
		return err
	}
	return s.commit(c)
}

// decide runs do, and checks what must hold after each change.
func (c *change) decide(need Permission, do func(*change) error) error {
	if err := c.identify(need); err != nil {
		return err
	}
	had := c.state.hasSuperuser()
	if err := do(c); err != nil {
		return err
	}
	if had && !c.state.hasSuperuser() {
		return ErrLastSuperuser
	}
	return nil
}

// commit commits and publishes the state. After a full disk nothing has changed, and a
// later change tries again. After any other error the content of the disk is unknown, so
// commit fences the file: bbolt would build on a commit whose last sync failed.
func (s *Store) commit(c *change) error {
	id := uint64(c.tx.ID())
	err, panicked := c.finish()
	if err == nil {
		s.full = false
		s.state.Store(c.state)
		return nil
	}
	if full := disk.IsFull(err) || errors.Is(err, berrors.ErrMaxSizeReached); full && !panicked && !s.advanced(id) {
		if !s.full {
			s.cfg.Logger.Error("accounts file cannot grow; changes are refused until there is room", slog.String("file", s.cfg.Path), slog.Any("error", err))
		}
		s.full = true
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	s.fence = err
	s.unwell.Store(&trouble{s.now(), err})
	s.cfg.Logger.Error("accounts file failed; changes are refused until you repair the disk and restart", slog.String("file", s.cfg.Path), slog.Any("error", err))
	return fmt.Errorf("%w: write accounts file %q: %w", ErrUnavailable, s.cfg.Path, err)
}

// finish commits. It turns a panic, after which the disk's content is unknown, into an
// error.
func (c *change) finish() (err error, panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			err, panicked = fmt.Errorf("panic in the accounts file: %v", r), true
		}
	}()
	return c.tx.Commit(), false
}

// advanced reports whether bbolt's readers see the transaction.
func (s *Store) advanced(id uint64) bool {
	tx, err := s.db.Begin(false)
	if err != nil {
		return true
	}
	defer func() { _ = tx.Rollback() }()
	return uint64(tx.ID()) >= id
}

// putUser writes a user, with a new id if u.ID is 0, and returns them.
func (c *change) putUser(u User, hash string) (User, error) {
	if u.ID == 0 {
		id, err := c.newID(usersBucket, len(c.state.users), MaxUsers)
		if err != nil {
			return User{}, err
		}
		u.ID = id
	}
	c.state.putUser(u, hash)
	return c.state.users[u.ID].lent(), c.put(usersBucket, u.ID, savedUser{u, hash})
}

func (c *change) putGroup(g Group) (Group, error) {
	if g.ID == 0 {
		id, err := c.newID(groupsBucket, len(c.state.groups), maxGroups)
		if err != nil {
			return Group{}, err
		}
		g.ID = id
	}
	c.state.putGroup(g)
	return g, c.put(groupsBucket, g.ID, g)
}

// newID returns a new id. Ids of deleted objects are not used again.
func (c *change) newID(bucket []byte, have, most int) (uint64, error) {
	if have >= most {
		return 0, fmt.Errorf("%w: %d %s are the maximum", ErrFull, have, bucket)
	}
	return c.tx.Bucket(bucket).NextSequence()
}

func (c *change) put(bucket []byte, id uint64, value any) error {
	c.wrote = true
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return c.tx.Bucket(bucket).Put(key(id), b)
}

func (c *change) delete(bucket []byte, id uint64) error {
	c.wrote = true
	return c.tx.Bucket(bucket).Delete(key(id))
}
