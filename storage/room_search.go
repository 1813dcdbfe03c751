package storage

import (
	"time"

	"pagesession/storage/internal/index"
)

// A roomSearch sweeps shards for the writer when MaxSessions or MaxBytes is reached, so
// that a creation need not wait for the sweeper. It only saves time: the sweeper's rounds
// free what has expired, however long the searches pause.
//
// A search that finds too little reads the whole index, 20 ms with a million live sessions,
// and all changes wait meanwhile. So each search is paid for with searchShare times the
// time that it took, and the next one comes after that.
type roomSearch struct {
	shard int       // where the next one begins
	paid  time.Time // when the time of all so far is paid for
	next  time.Time // when the next one may begin
}

const (
	// searchShare has searches take at most a tenth of the writer's time: the pause after
	// one is nine times what it took. With a pause of 250 ms alone, whatever a search took,
	// it was a fifth and more with 5,000,000 live sessions, and the slowest changes took 100 ms
	// instead of 8. A smaller share would make creations wait longer for sessions that expire.
	searchShare = 10
	// searchPause is the least pause after a search that found too little, since refused
	// creations may come much more often. Searches that find room follow each other at once
	// until they have to pay for so much time: mostly each reads a shard or two, and one
	// batch may need many. Where few sessions expire, each reads much of the index, and
	// without this limit they took 80 % of the time.
	searchPause = 250 * time.Millisecond
)

// note notes when a search began and ended, and whether it found room.
func (s *roomSearch) note(began, ended time.Time, found bool) {
	if s.paid.Before(began) {
		s.paid = began
	}
	s.paid = s.paid.Add(searchShare * ended.Sub(began))
	s.next = s.paid.Add(-searchPause)
	if soonest := ended.Add(searchPause); !found {
		s.next = s.paid
		if s.next.Before(soonest) {
			s.next = soonest
		}
	}
}

// forget lets the next search begin at once.
func (s *roomSearch) forget() { s.next = time.Time{} }

// makeRoom sweeps shards until a limit is no longer reached, and reports whether it
// found room. It finds none while roomSearch pauses.
func (w *writer) makeRoom(full func() bool) (found bool) {
	began, s := time.Now(), &w.search
	if began.Before(s.next) {
		return false
	}
	for n := 0; n < index.Shards && !found; n++ {
		w.sweeper.shard(s.shard)
		s.shard = (s.shard + 1) % index.Shards
		found = !full()
	}
	s.note(began, time.Now(), found)
	return found
}
