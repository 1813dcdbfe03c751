package redis

import (
	"context"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// A beat notices that Redis lost data. Each second a server counts one further in a key of
// its own, by a SET that answers what was there. If that is less than the last count that
// was answered, Redis has lost what was written since then: it restarted empty or from an
// older file, or a replica took over that had not received the rest. In a Cluster there is
// such a key in every 16th tag, so each node has some.
//
// Nothing is refused then. Sessions that are gone cannot be brought back by waiting, and which
// ended ones are live again is not known. The log says it, and what an operator can do.
type beat struct {
	id   string // of this server; made by chance
	loss atomic.Pointer[Loss]

	// Only Open and then the watch use these.
	last [tags]int64   // the counts that were answered
	at   time.Duration // when the beats were made last; since the store's start
}

// A Loss is what Redis has lost.
type Loss struct {
	Times int           // how often a loss was noticed since Open
	At    time.Time     // when the last one was noticed; zero: never
	Back  time.Duration // from how long before the last one data is missing, about
}

const (
	beatEvery = 16             // of the tags of a Cluster one in so many has a beat
	beatStays = 24 * time.Hour // how long the key stays when its server is gone
)

func (s *Store) beatName(tag int) string { return s.ofTag(kindBeat, tag) + s.beat.id }

// beatAll makes the beats. One that is not answered is made again a second later.
func (s *Store) beatAll(ctx context.Context) {
	step := tags
	if s.cfg.Cluster {
		step = beatEvery
	}
	var sets []rueidis.Completed
	for tag := 0; tag < tags; tag += step {
		n := strconv.FormatInt(s.beat.last[tag]+1, 10)
		sets = append(sets, s.client.B().Set().Key(s.beatName(tag)).Value(n).Get().Px(beatStays).Build())
	}
	old, missing := s.clock.since()-s.beat.at > beatStays/2, int64(0)
	for i, r := range s.client.DoMulti(ctx, sets...) {
		before, err := r.AsInt64()
		if err != nil && !rueidis.IsRedisNil(err) {
			continue
		}
		last := &s.beat.last[i*step]
		missing = max(missing, *last-before)
		*last++
	}
	s.beat.at = s.clock.since()
	if missing > 0 && !old {
		s.lost(time.Duration(missing) * watchEvery)
	}
}

// lost notes a loss.
func (s *Store) lost(back time.Duration) {
	s.beat.loss.Store(&Loss{Times: s.lossSoFar().Times + 1, At: time.Now(), Back: back})
	s.cfg.Logger.Error("Redis lost data: it restarted without it, or a replica without it took over; sessions of that time are gone, and sessions that were ended in it may be live again: to be sure, end all sessions",
		slog.Duration("missing", back))
}

func (s *Store) lossSoFar() Loss {
	if l := s.beat.loss.Load(); l != nil {
		return *l
	}
	return Loss{}
}
