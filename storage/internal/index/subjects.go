package index

import (
	"sync"

	"pagesession/storage/record"
)

// subjects holds the sessions of each subject. A Body has its subject's number, in
// what would be padding, so sessions without a subject cost nothing. A number is
// used again only after all others.
type subjects struct {
	mu       sync.Mutex // may be taken while a shard's lock is held, not the other way round
	byName   map[string]*subject
	byNumber map[uint32]*subject
	last     uint32
	members  int // sessions with a subject
}

type subject struct {
	name   string
	number uint32 // never 0, which means no subject
	keys   map[record.Key]struct{}
}

// join adds a session to a subject and returns the subject's number. For the subject
// "", which has no sessions, it returns 0.
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
	s.members -= len(of.keys)
	of.keys[k] = struct{}{}
	s.members += len(of.keys)
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

// leave removes a session from its subject, and removes a subject without sessions.
// The subject may be gone: a key that was stored again after all sessions had ended
// leaves it twice, see dissolve.
func (s *subjects) leave(number uint32, k record.Key) {
	if number == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.byNumber[number]
	if of == nil {
		return
	}
	s.members -= len(of.keys)
	delete(of.keys, k)
	s.members += len(of.keys)
	if len(of.keys) == 0 {
		delete(s.byName, of.name)
		delete(s.byNumber, number)
	}
}

// nameOf returns the name of a subject that has sessions; "" for number 0.
func (s *subjects) nameOf(number uint32) string {
	if number == 0 {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byNumber[number].name
}

// KeysOf returns the keys of a subject's sessions. Some may have ended or expired. A
// session that is being rotated is there under its old key, its new key, which may
// not be visible yet, or both.
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

// SubjectOf returns the subject of a key's session; "": there is no subject or no
// session.
func (x *Index) SubjectOf(k *record.Key) string {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	if e := s.live.find(&h); e != nil {
		return x.subjects.nameOf(e.Body.subject)
	}
	return ""
}

// Subjects returns how many subjects have sessions, including expired ones that are
// not yet swept.
func (x *Index) Subjects() int {
	x.subjects.mu.Lock()
	defer x.subjects.mu.Unlock()
	return len(x.subjects.byNumber)
}
