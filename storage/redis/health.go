package redis

import "time"

// Health says how Redis does, as far as calls have noticed.
type Health struct {
	// Away is the share of the sessions whose calls fail at once because Redis did not
	// answer, or was not ready: 0 none, 1 all. In a Cluster it may lie between.
	Away    float64
	Since   time.Time // when the first of them began to fail; zero while Away is 0
	Cause   error     // of the last call that failed; nil while Away is 0
	Retries uint64    // commands that were sent again after a lost connection, since Open
	Loss    Loss      // what Redis lost, as far as this server noticed
}

// Health returns the state. It asks Redis nothing. It is safe for concurrent use.
func (s *Store) Health() Health {
	of := 1
	if s.cfg.Cluster {
		of = tags
	}
	h, away := Health{Retries: s.retries.Load(), Loss: s.lossSoFar()}, 0
	for i := range of {
		since, open := s.breakers[i].open()
		if !open {
			continue
		}
		away++
		if at := s.clock.start.Add(since).Round(0); h.Since.IsZero() || at.Before(h.Since) {
			h.Since = at
		}
	}
	if h.Away = float64(away) / float64(of); away > 0 {
		if cause := s.cause.Load(); cause != nil {
			h.Cause = *cause
		}
	}
	return h
}
