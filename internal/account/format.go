package account

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

// The file has these buckets:
//
//	meta     format -> "1"; decoy -> 32 random bytes; count:ACTION -> number of such entries
//	users    id -> savedUser as JSON; the bucket's sequence is the last id given
//	groups   id -> savedGroup as JSON; likewise
//	entries  Seq -> time, savedEntry as JSON; likewise
//	index    see indexKeys -> nothing
//
// Numbers in keys are 8 bytes, big endian. A version that cannot be read by
// the one before gets the next format number.
const formatVersion = 1

var (
	metaBucket    = []byte("meta")
	usersBucket   = []byte("users")
	groupsBucket  = []byte("groups")
	entriesBucket = []byte("entries")
	indexBucket   = []byte("index")

	formatKey = []byte("format")
	decoyKey  = []byte("decoy")
)

type savedUser struct {
	Username    string       `json:"username"`
	Email       string       `json:"email,omitempty"`
	FirstName   string       `json:"first_name,omitempty"`
	LastName    string       `json:"last_name,omitempty"`
	Active      bool         `json:"active,omitempty"`
	Staff       bool         `json:"staff,omitempty"`
	Superuser   bool         `json:"superuser,omitempty"`
	LastLogin   time.Time    `json:"last_login,omitzero"`
	Joined      time.Time    `json:"joined"`
	Groups      []uint64     `json:"groups,omitempty"`
	Permissions []Permission `json:"permissions,omitempty"`
	Epoch       uint64       `json:"epoch"`
	Version     uint64       `json:"version"`
	Hash        string       `json:"hash"`
}

type savedGroup struct {
	Name        string       `json:"name"`
	Permissions []Permission `json:"permissions,omitempty"`
	Version     uint64       `json:"version"`
}

// format makes an empty file's buckets.
func format(tx *bolt.Tx) error {
	for _, name := range [][]byte{usersBucket, groupsBucket, entriesBucket, indexBucket} {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	meta, err := tx.CreateBucket(metaBucket)
	if err != nil {
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	if err := meta.Put(decoyKey, key); err != nil {
		return err
	}
	return meta.Put(formatKey, []byte(strconv.Itoa(formatVersion)))
}

// load reads the file into memory. bbolt trusts its pages, so a damaged one
// makes it panic, or fault on the mapped memory.
func (s *Store) load() (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = s.damaged(fmt.Errorf("%v", r))
		}
	}()
	return s.db.View(func(tx *bolt.Tx) error {
		if err := s.checkFormat(tx); err != nil {
			return err
		}
		s.decoyKey = append([]byte(nil), tx.Bucket(metaBucket).Get(decoyKey)...)
		st := newState()
		if err := st.read(tx); err != nil {
			return s.damaged(err)
		}
		s.state.Store(st)
		return nil
	})
}

func (s *Store) damaged(why error) error {
	return fmt.Errorf("%w: %q: %w; restore it from a backup, or move it away", ErrDamaged, s.cfg.Path, why)
}

func (s *Store) checkFormat(tx *bolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return s.damaged(fmt.Errorf("it is not an accounts file"))
	}
	version, err := strconv.Atoi(string(meta.Get(formatKey)))
	if err != nil {
		return s.damaged(fmt.Errorf("it has no format number"))
	}
	switch {
	case version > formatVersion:
		return fmt.Errorf("%w: %q has format %d, this version knows up to %d; use the version that wrote it, or a newer one",
			ErrNewerFormat, s.cfg.Path, version, formatVersion)
	case version < formatVersion: // a migration from an older one starts here; see docs/adr/0023
		return s.damaged(fmt.Errorf("there is no format %d", version))
	}
	return nil
}

// read fills an empty state. Groups come first: users' permissions need them.
func (st *state) read(tx *bolt.Tx) error {
	err := tx.Bucket(groupsBucket).ForEach(func(k, v []byte) error {
		var saved savedGroup
		if err := json.Unmarshal(v, &saved); err != nil {
			return fmt.Errorf("group %d: %w", number(k), err)
		}
		st.putGroup(saved.group(number(k)))
		return nil
	})
	if err != nil {
		return err
	}
	return tx.Bucket(usersBucket).ForEach(func(k, v []byte) error {
		var saved savedUser
		if err := json.Unmarshal(v, &saved); err != nil {
			return fmt.Errorf("user %d: %w", number(k), err)
		}
		st.putUser(saved.user(number(k)), saved.Hash)
		return nil
	})
}

func (v savedGroup) group(id uint64) Group {
	return Group{ID: id, Name: v.Name, Permissions: v.Permissions, Version: v.Version}
}

func (v savedUser) user(id uint64) User {
	return User{
		ID: id, Username: v.Username, Email: v.Email, FirstName: v.FirstName, LastName: v.LastName,
		Active: v.Active, Staff: v.Staff, Superuser: v.Superuser, LastLogin: v.LastLogin, Joined: v.Joined,
		Groups: v.Groups, Permissions: v.Permissions, Epoch: v.Epoch, Version: v.Version,
	}
}

func saveUser(u User, hash string) savedUser {
	return savedUser{
		Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
		Active: u.Active, Staff: u.Staff, Superuser: u.Superuser, LastLogin: u.LastLogin, Joined: u.Joined,
		Groups: u.Groups, Permissions: u.Permissions, Epoch: u.Epoch, Version: u.Version, Hash: hash,
	}
}

func key(n uint64) []byte    { return binary.BigEndian.AppendUint64(nil, n) }
func number(k []byte) uint64 { return binary.BigEndian.Uint64(k) }
