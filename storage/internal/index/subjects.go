package index

import (
	"sync"

	"pagesession/storage/record"
)

// subjects knows the sessions of each subject. A session has its subject's
// number, which fits into room that its body has anyway: those without a subject
// cost nothing. Numbers are not used again before all have been.
type subjects struct {
	mu       sync.Mutex // taken below a shard's lock, never above one
	byName   map[string]*subject
	byNumber map[uint32]*subject
	last     uint32
}

type subject struct {
	name   string
	number uint32 // never 0: that is no subject
	keys   map[record.Key]struct{}
}

// join notes a session of a subject and returns the subject's number.
func (s *subjects) join(name string, k record.Key) uint32 {
	if name == "" {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.byName[name]
	if of == nil {
		of = s.add(name)
	}
	of.keys[k] = struct{}{}
	return of.number
}

// add makes a subject. The caller holds the lock.
func (s *subjects) add(name string) *subject {
	if s.byName == nil {
		s.byName, s.byNumber = map[string]*subject{}, map[uint32]*subject{}
	}
	for s.last++; s.last == 0 || s.byNumber[s.last] != nil; s.last++ {
	}
	of := &subject{name: name, number: s.last, keys: map[record.Key]struct{}{}}
	s.byName[name], s.byNumber[of.number] = of, of
	return of
}

// leave forgets a session, and its subject with the last one.
func (s *subjects) leave(number uint32, k record.Key) {
	if number == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.byNumber[number]
	delete(of.keys, k)
	if len(of.keys) == 0 {
		delete(s.byName, of.name)
		delete(s.byNumber, number)
	}
}

func (s *subjects) nameOf(number uint32) string {
	if number == 0 {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byNumber[number].name
}

// KeysOf returns the keys of a subject's sessions. Some may have ended or
// expired, and one that is being rotated can be there under both its keys, or
// under the new one before that is visible; it is always under one of them.
func (x *Index) KeysOf(name string) []record.Key {
	s := &x.subjects
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.byName[name]
	if of == nil {
		return nil
	}
	keys := make([]record.Key, 0, len(of.keys))
	for k := range of.keys {
		keys = append(keys, k)
	}
	return keys
}

// SubjectOf returns the subject of the session that a key has; "": it has none,
// or there is no session.
func (x *Index) SubjectOf(k *record.Key) string {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	if e := s.live.find(&h); e != nil {
		return x.subjects.nameOf(e.Body.subject)
	}
	return ""
}

// Subjects is how many subjects have sessions, expired ones that are not yet
// swept included.
func (x *Index) Subjects() int {
	x.subjects.mu.Lock()
	defer x.subjects.mu.Unlock()
	return len(x.subjects.byNumber)
}
