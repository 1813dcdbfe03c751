package storetest

import (
	"errors"
	"strconv"
	"sync"

	"pagesession/session"
	"pagesession/storage/record"
)

// A race runs in rounds, each with this many goroutines.
const rounds, racers = 20, 8

// race calls do in several goroutines at once and returns when all calls have.
func race(do func(i int)) {
	var all sync.WaitGroup
	for i := range racers {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// Of several creations of one key, exactly one succeeds.
func (s *suite) raceCreate() {
	for range rounds {
		k := newKey()
		errs := make([]error, racers)
		race(func(i int) { _, errs[i] = s.creating(k, text(strconv.Itoa(i)), absolute) })
		made := -1
		for i, err := range errs {
			switch {
			case err == nil && made < 0:
				made = i
			case !errors.Is(err, session.ErrEnded):
				s.Errorf("Create = %v; want one nil, the others ErrEnded", err)
			}
		}
		s.wantLive(s.peek(k), strconv.Itoa(made), "Peek after a race of creations")
	}
}

// Changes that are made from a version lose no other change.
func (s *suite) raceReplace() {
	k, _ := s.created(text("0"))
	race(func(int) {
		for range rounds {
			s.count(k)
		}
	})
	s.wantLive(s.peek(k), strconv.Itoa(rounds*racers), "Peek after a race of changes")
}

// count adds one to a session's value. It tries again while other changes come
// first.
func (s *suite) count(k record.Key) {
	for {
		rec := s.peek(k)
		n, _ := strconv.Atoi(string(rec.Value))
		_, err := s.replacing(k, rec.Version, text(strconv.Itoa(n+1)))
		if err == nil {
			return
		}
		if !errors.Is(err, session.ErrConflict) {
			s.Errorf("Replace = %v; want nil or ErrConflict", err)
			return
		}
	}
}

// Of several changes made from one version, exactly one is stored.
func (s *suite) raceVersion() {
	for round := range rounds {
		k, made := s.created(text("value"))
		to := make([]record.Key, racers)
		errs := make([]error, racers)
		race(func(i int) {
			if to[i] = k; i%2 == round%2 {
				to[i] = newKey()
				_, errs[i] = s.rotating(k, to[i], made.Version, text(strconv.Itoa(i)))
			} else {
				_, errs[i] = s.replacing(k, made.Version, text(strconv.Itoa(i)))
			}
		})
		winner := -1
		for i, err := range errs {
			if err == nil && winner >= 0 {
				s.Errorf("changes %d and %d of one version were both stored", winner, i)
			}
			if s.wantOneOf(err, "a change of a version", nil, session.ErrConflict, session.ErrEnded); err == nil {
				winner = i
			}
		}
		if winner < 0 {
			s.Error("of several changes of one version, none was stored; want one")
			return
		}
		s.wantLive(s.peek(to[winner]), strconv.Itoa(winner), "Peek after the race")
	}
}

// A session that has ended stays ended, whatever else runs.
func (s *suite) raceEnd() {
	for range rounds {
		k, _ := s.created(text("value"))
		race(func(i int) {
			switch i % 4 {
			case 0:
				_, err := s.replacing(k, 0, text("changed"))
				s.wantOneOf(err, "Replace", nil, session.ErrEnded)
			case 1:
				s.refreshed(k)
			case 2:
				_, err := s.ending(k, record.Deleted)
				s.wantOneOf(err, "End", nil)
				s.wantEnded(k, record.Deleted)
			default:
				_, err := s.creating(k, text("again"), absolute)
				s.wantOneOf(err, "Create", session.ErrEnded)
			}
		})
		s.wantEnded(k, record.Deleted)
	}
}

// A session that is rotated while it is ended is live under its new key or not at
// all. If End says that it ended a live session, the new key was never made.
func (s *suite) raceRotate() {
	for range rounds {
		from, to := newKey(), newKey()
		_, err := s.creating(from, text("value"), absolute)
		s.want(err, nil, "Create")
		var all sync.WaitGroup
		var ended bool
		var endErr, rotateErr error
		all.Go(func() { ended, endErr = s.ending(from, record.Deleted) })
		all.Go(func() { _, rotateErr = s.rotating(from, to, 0, text("moved")) })
		all.Wait()
		s.want(endErr, nil, "End")
		s.wantOneOf(rotateErr, "Rotate", nil, session.ErrEnded)
		live := s.peek(to).State == record.Live
		if ended == live || live != (rotateErr == nil) {
			s.Errorf("End = %v, Rotate = %v, the new key is live: %v; want one of both to succeed", ended, rotateErr, live)
		}
	}
}

func (s *suite) wantOneOf(err error, call string, want ...error) {
	s.Helper()
	for _, w := range want {
		if errors.Is(err, w) {
			return
		}
	}
	s.Errorf("%s = %v; want one of %v", call, err, want)
}
