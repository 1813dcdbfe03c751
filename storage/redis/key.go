package redis

import (
	"crypto/sha256"
	"strconv"

	"pagesession/storage/record"
)

// The kinds of keys.
const (
	kindLive    = 's' // a live session
	kindTomb    = 't' // its tombstone
	kindIndex   = 'i' // the sessions of a tag, by creation
	kindSubject = 'u' // the sessions of a subject
	kindValue   = 'v' // a value of Storage
	kindSweep   = 'w' // the lease of the server that sweeps
	kindBeat    = 'b' // the last beat of a server
	kindRoster  = 'r' // the servers that are announced; only of tag 0
	kindKept    = 'k' // a value of Keep; only of tag 0
	kindMove    = 'm' // what is said of a move
	kindTable   = 'x' // the index of a Table
	kindCell    = 'c' // a value of a Table
)

// tags is the number of hash tags. Keys with one tag lie in one slot of a Cluster.
const tags = 1024

const digits = "0123456789abcdefghijklmnopqrstuv"

// tagOf returns the tag of a handle: its first ten bits.
func tagOf(h record.Handle) int { return int(h[0])<<2 | int(h[1])>>6 }

// tagHas reports whether handles of a tag can begin with a prefix, in hex.
func tagHas(tag int, prefix string) bool {
	for i := range min(len(prefix), 3) {
		digit, err := strconv.ParseUint(prefix[i:i+1], 16, 8)
		if err != nil {
			return false
		}
		bits := min(4, 10-4*i) // the tag has ten bits: two digits, and half of the third
		if uint64(tag)>>(10-4*i-bits)&(1<<bits-1) != digit>>(4-bits) {
			return false
		}
	}
	return true
}

// handleOf returns a handle for a text that is no session's key.
func handleOf(text string) record.Handle {
	sum := sha256.Sum256([]byte(text))
	return record.Handle(sum[:16])
}

// ofTag returns the name of a tag's key: prefix, tag, kind.
func (s *Store) ofTag(kind byte, tag int) string {
	return string(s.appendTag(make([]byte, 0, 64), kind, tag))
}

func (s *Store) appendTag(b []byte, kind byte, tag int) []byte {
	b = append(b, s.cfg.Prefix...)
	return append(b, '{', digits[tag>>5], digits[tag&31], '}', kind)
}

// name returns the name of a key: prefix, tag, kind, handle. It has 24 bytes with the
// default prefix. Up to 28 cost the same memory.
func (s *Store) name(kind byte, h record.Handle) string {
	var b [maxPrefix + 5 + 16]byte
	return string(append(s.appendTag(b[:0], kind, tagOf(h)), h[:]...))
}

// keys returns the names that are about a session: live, tombstone, and the index.
func (s *Store) keys(h record.Handle) []string {
	if s.cfg.NoIndex {
		return []string{s.name(kindLive, h), s.name(kindTomb, h)}
	}
	return []string{s.name(kindLive, h), s.name(kindTomb, h), s.ofTag(kindIndex, tagOf(h))}
}
