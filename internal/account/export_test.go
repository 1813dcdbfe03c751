package account

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/argon2"
)

// Cheap makes hashes cheap, for tests about other things.
func (cfg Config) Cheap() Config {
	cfg.cost = argon2Cost{memory: 8, passes: 1, threads: 1}
	return cfg
}

// Slow makes hashes that take some milliseconds.
func (cfg Config) Slow() Config {
	cfg.cost = argon2Cost{memory: 2048, passes: 1, threads: 1}
	return cfg
}

// Dearer makes hashes a little more expensive.
func (cfg Config) Dearer() Config {
	cfg.cost = argon2Cost{memory: 16, passes: 2, threads: 1}
	return cfg
}

// Keep sets the retention of the audit log.
func (cfg Config) Keep(entries, failures uint64) Config {
	cfg.keep = retention{entries, failures}
	return cfg
}

// Expire removes old entries, as the store does in the background.
func (s *Store) Expire(ctx context.Context) { s.expire(ctx) }

// MostExpired is how many entries are removed at a time.
const MostExpired = mostExpired

// Look bounds the entries that a page of the audit log reads.
func (cfg Config) Look(entries int) Config {
	cfg.look = entries
	return cfg
}

// CountHashes counts the hashes of sign-ins, without those that replace an old one.
func (cfg Config) CountHashes(n *int) Config {
	cfg.opens = func(h passwordHash, password string) bool {
		*n++
		return h.opens(password)
	}
	return cfg
}

// RawHash returns the hash that an earlier version made of a password: as it was typed.
func RawHash(cfg Config, password string) string {
	cost := cfg.withDefaults().cost
	salt := []byte("sixteen bytes ok")
	sum := argon2.IDKey([]byte(password), salt, cost.passes, cost.memory, cost.threads, hashLength)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", cost.memory, cost.passes, cost.threads, b64(salt), b64(sum))
}

// HashOf returns the stored hash of a user.
func (s *Store) HashOf(id uint64) string {
	m, err := read(context.Background(), s, func(t tx) *member { return t.member(id) })
	if err != nil || m == nil {
		return fmt.Sprintf("no user %d: %v", id, err)
	}
	return m.hash
}

// SetHash sets a user's hash, as an import does.
func (s *Store) SetHash(id uint64, hash string) error {
	return s.change(context.Background(), trusted, "", func(c *change) error {
		c.exec("UPDATE users SET hash = $1 WHERE id = $2", hash, id)
		return nil
	})
}

// Damage changes rows as another program or a failing disk does.
func (s *Store) Damage(statement string) error {
	return s.change(context.Background(), trusted, "", func(c *change) error {
		c.exec(statement)
		return nil
	})
}

// SetName sets a username as another program does.
func (s *Store) SetName(id uint64, name string) error {
	return s.setText("users", "username", id, name)
}

// SetGroupName sets the name of a group as another program does.
func (s *Store) SetGroupName(id uint64, name string) error {
	return s.setText("groups", "name", id, name)
}

func (s *Store) setText(table, column string, id uint64, text string) error {
	return s.change(context.Background(), trusted, "", func(c *change) error {
		c.exec("UPDATE "+table+" SET "+column+" = $1 WHERE id = $2", text, id)
		return nil
	})
}

// Occupy fills the hasher and its queue until the returned function is called.
func (s *Store) Occupy() (release func()) {
	begun, block := make(chan struct{}), make(chan struct{})
	go func() { _ = s.hasher.do(signedIn(), func() { close(begun); <-block }) }()
	<-begun
	for range hashQueue {
		_, _ = s.hasher.enter(signedIn())
	}
	return func() {
		s.hasher.mu.Lock()
		s.hasher.queue = nil
		s.hasher.mu.Unlock()
		close(block)
	}
}

// Opens reports whether a password fits a stored hash, or why the hash is refused.
func Opens(hash, password string) (bool, error) {
	h, err := parseHash(hash)
	return err == nil && h.opens(password), err
}

// NewHash returns the hash of a new password.
func NewHash(password string) string { return newHash(password, defaultCost) }

// DecoyIterations returns the iterations of the decoy for a name; 0 means argon2id.
func (s *Store) DecoyIterations(name string) int {
	_, decoy, err := s.candidates(context.Background(), name, func(tx) *member { return nil })
	if err != nil {
		panic(err)
	}
	return decoy.iterations
}

// The reasons why a hash is refused.
var (
	ErrUnusable   = errUnusable
	ErrAlgorithm  = errAlgorithm
	ErrBadHash    = errBadHash
	ErrHashTooBig = errHashTooBig
)

// A Throttle is a throttle for tests.
type Throttle struct{ t *throttle }

// NewThrottle returns a throttle for at most most keys.
func NewThrottle(most int) Throttle {
	t := newThrottle()
	t.state = &memoryState{counts: newCounts(most)}
	return Throttle{t}
}

// Fail counts a failure in a known network, unless it is delayed.
func (t Throttle) Fail(now time.Time, network string) time.Duration {
	a := attempt{name: nameKey("ada"), network: networkKey(network)}
	t.t.known = networks{a.name: {a.network}}
	c, no, err := t.t.begin(context.Background(), now, a)
	if err != nil {
		panic(err)
	}
	if no != nil {
		return no.wait
	}
	if err := t.t.end(context.Background(), now, c, wrong); err != nil {
		panic(err)
	}
	return 0
}

// Len returns the number of keys.
func (t Throttle) Len() int { return len(t.t.state.(*memoryState).counts.tries) }

// Parsed returns why a hash is refused, without hashing.
func Parsed(hash string) (bool, error) {
	h, err := parseHash(hash)
	return h.iterations > 0, err
}

// Fill adds users and entries, many in one transaction.
func (s *Store) Fill(users, entries int) error {
	const batch = 500
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) // the race detector is slow
	defer cancel()
	for at := 0; at < max(users, entries); at += batch {
		err := s.change(ctx, trusted, "", func(c *change) error {
			for i := at; i < min(at+batch, users); i++ {
				if err := c.fillUser(i, s.cfg.cost); err != nil {
					return err
				}
			}
			for i := at; i < min(at+batch, entries); i++ {
				c.audit(Event{Action: ActionRevoke, Kind: KindSession, ObjectID: fmt.Sprint("key", i)})
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
	}, newHash("", cost), ActionAdd)
	return err
}

// Rehashes reports whether a sign-in with this password makes a new hash.
func (s *Store) Rehashes(id uint64, password string) bool {
	u, err := read(context.Background(), s, func(t tx) *member { return t.member(id) })
	return err == nil && s.check(u, passwordHash{}, password).fresh != ""
}

// LimitFile simulates a full disk at n pages of a SQLite file; 0 removes the limit.
func (s *Store) LimitFile(n int) {
	if n == 0 {
		n = 1 << 30
	}
	db, err := s.keeper.database()
	if err != nil {
		panic(err)
	}
	if _, err := db.write.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
		panic(err)
	}
}

// DjangoExec tries to change a file that is open for reading.
func DjangoExec(path, statement string) error {
	db, err := openDjango(context.Background(), path, 0)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}

// ReadDjango reads a project's file with at most most rows.
func ReadDjango(path string, most int) error {
	_, err := readDjango(context.Background(), path, most)
	return err
}

// DjangoURI returns the URI of a file for SQLite.
var DjangoURI = djangoURI

// Tend has the keeper look at the database as it does each second. When the channel, which
// holds one, takes the third, the first look is done.
func (s *Store) Tend() {
	for range 3 {
		s.keeper.look <- nil
	}
}

// Copy writes a copy of the SQLite file.
func (s *Store) Copy(path string) error {
	db, err := s.keeper.database()
	if err != nil {
		return err
	}
	conn, err := db.write.Conn(context.Background())
	if err != nil {
		return err
	}
	return errors.Join(s.engine.(*sqliteEngine).copyTo(context.Background(), conn, path), conn.Close())
}

// HalfMove copies the audit log only, as a run of Move that is killed then.
func HalfMove(ctx context.Context, from, to Config) error {
	to.moving = true
	source, err := openEnd(ctx, from)
	if err != nil {
		return err
	}
	target, err := openEnd(ctx, to)
	if err != nil {
		return err
	}
	m := &move{ctx: ctx, from: source, to: target}
	has, err := source.holding(ctx)
	if err == nil {
		err = m.locked(func(tx) error { return errors.Join(m.mark(has.id), m.entries()) })
	}
	return errors.Join(err, source.close(), target.close())
}

// CacheTime is how long a change by another server may stay unseen.
const CacheTime = cacheTime

// Candidates reads what a sign-in needs.
func (s *Store) Candidates(ctx context.Context, name string) error {
	_, _, err := s.candidates(ctx, name, func(t tx) *member { return t.named(name) })
	return err
}

// MostChecked is the size of a file up to which it is checked before it is used.
const MostChecked = mostChecked

// ChangeLock is the key of PostgreSQL's lock of changes.
const ChangeLock = changeLock

// SettingInAChange returns a setting of PostgreSQL, as a change has it.
func (s *Store) SettingInAChange(name string) (value string) {
	err := s.change(context.Background(), trusted, "", func(c *change) error {
		c.row("SELECT current_setting($1)", []any{name}, &value)
		return nil
	})
	if err != nil {
		return err.Error()
	}
	return value
}

// FailInAChange runs a wrong statement in a change, and then adds a group in spite of it.
func (s *Store) FailInAChange(group string) error {
	return s.change(context.Background(), trusted, "", func(c *change) error {
		c.exec("INSERT INTO missing VALUES (1)")
		_, err := c.putGroup(Group{Name: group}, ActionAdd)
		return err
	})
}

// Stored returns all that the database has, as one text.
func (s *Store) Stored() (all string) {
	err := s.reading(context.Background(), func(t tx) error {
		for _, of := range append(tables(), entriesTable) {
			if err := t.rows(of, "", nil, func(row []any) { all += fmt.Sprintln(of.name, row) }); err != nil {
				return err
			}
		}
		return nil
	})
	return all + fmt.Sprint(err)
}

// NewestSchema is the schema of this version.
const NewestSchema = newestSchema
