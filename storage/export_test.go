package storage

import "time"

// Count1 counts one duration.
func (l *Latencies) Count1(d time.Duration) { l.add(d) }

// SweepRound is a round of the sweeper that is not over: records stay in the
// file for now.
func (s *Storage) SweepRound() int { return s.sweeper.round() }
