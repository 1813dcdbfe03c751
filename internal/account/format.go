package account

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// The file has these buckets:
//
//	meta     format -> "1"; decoy -> 32 random bytes; count:ACTION -> number of such entries
//	users    id -> User and hash as JSON; the bucket's sequence is the last id
//	groups   id -> Group as JSON; the same
//	entries  Seq -> time, savedEntry as JSON; the same
//	index    key of indexKeys -> empty
//
// Numbers in keys are 8 bytes, big endian. A form that older versions cannot read gets
// the next format number.
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
	User
	Hash string `json:"hash"`
}

// format creates the buckets of an empty file.
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

// load reads users and groups into memory.
func (s *Store) load() error {
	read := func(tx *bolt.Tx) error {
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
	}
	return guarded(func() error { return s.db.View(read) }, s.damaged)
}

func (s *Store) damaged(why error) error { return damaged(s.cfg.Path, why) }

func (s *Store) checkFormat(tx *bolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return s.damaged(fmt.Errorf("not an accounts file"))
	}
	version, err := strconv.Atoi(string(meta.Get(formatKey)))
	if err != nil {
		return s.damaged(fmt.Errorf("the format number is missing"))
	}
	switch {
	case version > formatVersion:
		return fmt.Errorf("accounts file %q %w (format %d, this version reads up to %d); use that version or a newer one",
			s.cfg.Path, ErrNewerFormat, version, formatVersion)
	case version < formatVersion: // migrations from older formats go here; see docs/adr/0023
		return s.damaged(fmt.Errorf("unknown format %d", version))
	}
	return nil
}

// read fills an empty state. It reads groups first, because users' permissions depend on
// them.
func (st *state) read(tx *bolt.Tx) error {
	err := each(tx.Bucket(groupsBucket), "group", func(id uint64, g Group) {
		g.ID = id
		st.putGroup(g)
	})
	if err != nil {
		return err
	}
	return each(tx.Bucket(usersBucket), "user", func(id uint64, u savedUser) {
		u.ID = id
		st.putUser(u.User, u.Hash)
	})
}

func each[T any](bucket *bolt.Bucket, what string, do func(uint64, T)) error {
	return bucket.ForEach(func(k, v []byte) error {
		var saved T
		if err := json.Unmarshal(v, &saved); err != nil {
			return fmt.Errorf("%s %d: %w", what, number(k), err)
		}
		do(number(k), saved)
		return nil
	})
}

func key(n uint64) []byte    { return binary.BigEndian.AppendUint64(nil, n) }
func number(k []byte) uint64 { return binary.BigEndian.Uint64(k) }
