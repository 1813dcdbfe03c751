package account

import (
	"context"
	"slices"
	"sync"
	"time"
)

// counts are the failures and tries of keys: all that there are, or those that one sign-in is
// about. Its methods are the rules of the throttle.
type counts struct {
	tries map[tried]failed // by device and by network
	most  int              // tries
	lines *lines
}

// failed has the failures of one key within the window, and its running tries.
type failed struct {
	at     []failure // oldest first
	logged bool      // the present delay is logged
}

// A failure has the name that it was for.
type failure struct {
	at  time.Time
	of  tried
	try uint64 // 0: it has failed; otherwise the number of a try that runs, or did when its server died
}

func newCounts(most int) *counts {
	return &counts{tries: map[tried]failed{}, most: most, lines: newLines(most)}
}

// memoryState has the counts of one server.
type memoryState struct {
	mu     sync.Mutex // protects counts
	counts *counts
}

func (m *memoryState) update(_ context.Context, now time.Time, _ []tried, change func(time.Time, *counts)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(now, m.counts)
	return nil
}

func (m *memoryState) updateAll(_ context.Context, now time.Time, change func(time.Time, *counts) int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return change(now, m.counts), nil
}

func (m *memoryState) anyOf(_ context.Context, now time.Time, look func(time.Time, *counts) bool) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return look(now, m.counts), nil
}

// begin is throttle.begin. known: the user has signed in in this network before.
func (s *counts) begin(now time.Time, a attempt, known bool, try uint64) (counted, *delay) {
	c := s.count(now, a, known)
	c.try = try
	f := s.tries[c.key]
	if no := f.delay(now); no != nil {
		s.set(c.key, f, now)
		return c, no
	}
	if c.strange {
		var no *delay
		if c.reserved, no = s.lines.admit(now, a); no != nil {
			return c, no
		}
	}
	f.at = append(f.at, failure{now, a.name, try})
	s.set(c.key, f, now)
	return c, nil
}

// delay says why a key admits no further try; nil if it does.
func (f *failed) delay(now time.Time) *delay {
	f.expire(now)
	was, all := f.logged, f.finished(now)
	if f.logged = len(all) >= mostTries; f.logged {
		return &delay{wait: all[len(all)-mostTries].at.Add(triesWindow).Sub(now), news: !was}
	}
	if len(f.at) >= mostTries {
		return &delay{}
	}
	return nil
}

// count returns what an attempt counts for.
func (s *counts) count(now time.Time, a attempt, isKnown bool) counted {
	if a.device != (tried{}) {
		f := s.tries[a.device]
		if f.expire(now); len(f.at) < mostTries {
			return counted{attempt: a, key: a.device, rank: known}
		}
	}
	c := counted{attempt: a, key: a.network, rank: known}
	if isKnown {
		return c
	}
	c.strange, c.rank = a.name != (tried{}), unknown
	f := s.tries[a.network]
	if f.expire(now); len(f.finished(now)) > 0 {
		c.rank = failing
	}
	return c
}

// expire drops what is older than the window.
func (f *failed) expire(now time.Time) {
	f.at = slices.DeleteFunc(slices.Clone(f.at), func(at failure) bool { return now.Sub(at.at) >= triesWindow })
}

// finished returns the failures without the running tries, the oldest first.
func (f *failed) finished(now time.Time) []failure {
	return slices.DeleteFunc(slices.Clone(f.at), func(at failure) bool { return at.runs(now) })
}

func (f failure) runs(now time.Time) bool { return f.try != 0 && now.Sub(f.at) < tryLasts }

// end ends a running try and counts a failure if it was wrong.
func (s *counts) end(now time.Time, c counted, isWrong bool) {
	f := s.tries[c.key]
	f.at = slices.DeleteFunc(slices.Clone(f.at), func(at failure) bool { return at.try == c.try })
	if isWrong {
		f.at = append(f.at, failure{at: now, of: c.name})
	} else if c.strange {
		s.lines.giveBack(now, c.attempt, c.reserved, 1)
	}
	s.set(c.key, f, now)
}

// forgive clears the failures of a device or a network that are for the name of a success.
// Those of other networks stay, and so do those of this network for other names, which may
// be guesses.
func (s *counts) forgive(now time.Time, c counted) {
	for _, k := range []tried{c.device, c.network} {
		f, ok := s.tries[k]
		if !ok {
			continue
		}
		n := f.forget(now, c.name)
		s.set(k, f, now)
		if k == c.network && c.strange {
			s.lines.giveBack(now, c.attempt, time.Time{}, n)
		}
	}
}

// forget drops the failures for a name, and returns how many there were. Running tries stay.
func (f *failed) forget(now time.Time, name tried) int {
	all := len(f.at)
	f.at = slices.DeleteFunc(slices.Clone(f.at), func(at failure) bool { return at.of == name && !at.runs(now) })
	return all - len(f.at)
}

// unlock is throttle.unlock for these counts.
func (s *counts) unlock(now time.Time, name tried) (n int) {
	s.lines.unlock(name)
	for k, f := range s.tries {
		f.expire(now)
		n += f.forget(now, name)
		s.set(k, f, now)
	}
	return n
}

// against reports whether unlock would take back something of a name.
func (s *counts) against(now time.Time, name tried) bool {
	if !s.lines.isIdle(now, name) {
		return true
	}
	for _, f := range s.tries {
		if slices.ContainsFunc(f.at, func(at failure) bool {
			return at.of == name && !at.runs(now) && now.Sub(at.at) < triesWindow
		}) {
			return true
		}
	}
	return false
}

// set stores the state of a key, or removes an empty one.
func (s *counts) set(k tried, f failed, now time.Time) {
	if len(f.at) == 0 {
		delete(s.tries, k)
		return
	}
	if _, known := s.tries[k]; !known {
		s.makeRoom(now)
	}
	s.tries[k] = f
}

// makeRoom removes expired keys if there are too many keys, and the oldest one if none has
// expired. It removes no key with running tries; the server's requests bound those.
func (s *counts) makeRoom(now time.Time) {
	if len(s.tries) < s.most {
		return
	}
	var oldest tried
	var last time.Time
	for k, f := range s.tries {
		if slices.ContainsFunc(f.at, func(at failure) bool { return at.runs(now) }) {
			continue
		}
		at := f.at[len(f.at)-1].at
		if now.Sub(at) >= triesWindow {
			delete(s.tries, k)
		} else if last.IsZero() || at.Before(last) {
			oldest, last = k, at
		}
	}
	if len(s.tries) >= s.most {
		delete(s.tries, oldest)
	}
}
