package backup

import (
	"context"
	"sync"
	"time"
)

const (
	// lookEvery is how often a schedule looks whether a backup is due.
	lookEvery = time.Minute
	// RetryAfter is how long a schedule waits after a failure.
	RetryAfter = 10 * time.Minute
)

// A Schedule makes backups at an interval. It counts from the newest backup that is there, so a
// restart makes none. Its methods are safe for concurrent use.
type Schedule struct {
	Every time.Duration
	Last  func() (time.Time, error) // when the newest backup was made; zero: never
	// Turn reports whether this server makes the backup. The other function gets what came of it.
	// nil: it always does.
	Turn func(ctx context.Context) (bool, func(made bool))
	Make func(ctx context.Context) error
	Now  func() time.Time

	mu    sync.Mutex // protects state
	state State
}

// A State is what became of backups since the start.
type State struct {
	Made, Failed uint64
	Last         time.Time // when the newest backup was made; zero: not known
	Err          error     // of the last try; nil after a success
}

// Run makes backups until ctx is done.
func (s *Schedule) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var retry time.Time
	_ = s.due(s.Now()) // State knows the newest one from now on
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := s.Now(); s.due(now) && !now.Before(retry) {
			if !s.try(ctx) {
				retry = now.Add(RetryAfter)
			}
		}
	}
}

// due reports whether the newest backup is too old. If the folder cannot be read, the backup fails and says why.
func (s *Schedule) due(now time.Time) bool {
	last, err := s.Last()
	if err != nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Last = last
	return now.Sub(last) >= s.Every
}

// try makes a backup if it is this server's turn, and reports whether it did not fail.
func (s *Schedule) try(ctx context.Context) bool {
	done := func(bool) {}
	if s.Turn != nil {
		var mine bool
		if mine, done = s.Turn(ctx); !mine {
			return true
		}
	}
	err := s.Make(ctx)
	done(err == nil)
	return err == nil || ctx.Err() != nil
}

// Note counts a backup that was made or failed, also one that an operator asked for.
func (s *Schedule) Note(at time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Err = err
	if err != nil {
		s.state.Failed++
		return
	}
	s.state.Made++
	s.state.Last = at
}

// State returns what became of backups.
func (s *Schedule) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}
