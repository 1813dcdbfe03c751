package redis

import (
	"sync"

	"pagesession/storage/record"
)

// known has what this server remembers of sessions that it has seen: the timeouts, which
// a refresh needs before it reads the value, and the decoded value. What it has may be
// old; the refresh in refresh.go is right all the same. It is safe for concurrent use.
type known struct {
	shards [64]knownShard
	most   int // entries of a shard
}

type knownShard struct {
	mu sync.Mutex // protects of
	of map[record.Key]*acquaintance
}

// An acquaintance is a session that a server has seen.
type acquaintance struct {
	head
	memo any
}

func newKnown(most int) *known {
	k := &known{most: most/64 + 1}
	for i := range k.shards {
		k.shards[i].of = map[record.Key]*acquaintance{}
	}
	return k
}

func (k *known) shard(key *record.Key) *knownShard { return &k.shards[key[2]&63] }

// get returns the head and the memo of a session that was seen.
func (k *known) get(key *record.Key) (h head, memo any, ok bool) {
	s := k.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.of[*key]
	if a == nil {
		return head{}, nil, false
	}
	return a.head, a.memo, true
}

// put remembers a session and returns its memo, which is nil if the version is another. If
// there is no room, it forgets any other session.
func (k *known) put(h *head) (memo any) {
	s := k.shard(&h.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.of[h.key]
	if a != nil && a.version == h.version {
		return a.memo
	}
	if a == nil && len(s.of) >= k.most {
		for other := range s.of {
			delete(s.of, other)
			break
		}
	}
	s.of[h.key] = &acquaintance{head: *h}
	return nil
}

// memoize keeps a memo, if the session was seen with that version last.
func (k *known) memoize(key *record.Key, version uint32, memo any) {
	s := k.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.of[*key]; a != nil && a.version == version {
		a.memo = memo
	}
}

func (k *known) forget(key *record.Key) {
	s := k.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of, *key)
}
