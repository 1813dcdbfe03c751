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

// A change is one transaction under way: what it makes of the state, and who
// makes it.
type change struct {
	tx    *bolt.Tx
	state *state
	actor Actor
	by    *member // the console's user; nil elsewhere
	at    time.Time
	keep  retention
	wrote bool
}

// change runs do on a copy of the state, if the actor has the permission ("" for
// none), and publishes that when the file is synced. An error of do leaves
// everything as it was. A change that wrote nothing costs no commit. Where the file
// was damaged since Open, bbolt panics: in the commit that fences the file, before it
// the panic is the request's.
func (s *Store) change(actor Actor, need Permission, do func(*change) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	if s.closed {
		return ErrClosed
	}
	if s.fence != nil {
		return fmt.Errorf("%w; restart when the disk is well: %w", ErrUnavailable, s.fence)
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	c := &change{tx: tx, state: s.state.Load().next(), actor: actor, at: s.now(), keep: s.cfg.keep}
	if err := c.decide(need, do); err != nil || !c.wrote {
		return err
	}
	return s.commit(c)
}

// decide does it, and looks at what must be true of every change.
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

// commit tells a full disk, where nothing has happened, from a failure, after
// which it is unknown what the disk holds: bbolt would build on a commit whose last
// sync failed.
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
			s.cfg.Logger.Error("accounts file cannot grow; changes are refused until it can", slog.Any("error", err))
		}
		s.full = true
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	s.fence = err
	s.cfg.Logger.Error("accounts file failed and is not written any more; restart when the disk is well", slog.Any("error", err))
	return fmt.Errorf("%w: write accounts file %q: %w", ErrUnavailable, s.cfg.Path, err)
}

// finish commits. A panic in there leaves as much unknown as an error does.
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

// putUser writes a user, with an id if there is none yet, and returns them.
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

// newID gives ids that were never given before.
func (c *change) newID(bucket []byte, have, most int) (uint64, error) {
	if have >= most {
		return 0, fmt.Errorf("%w: there are %d %s, the most there can be", ErrFull, have, bucket)
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
