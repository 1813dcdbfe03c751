package account

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"
)

// After mostTries failures within triesWindow, further sign-ins are delayed.
const (
	mostTries   = 10
	triesWindow = 5 * time.Minute
	// tryLasts is after how long a running try counts as a failure: its server may have died.
	// A sign-in waits for its turn to hash and for the database, which takes less.
	tryLasts = 30 * time.Second
	// mostTried bounds the memory to about 10 MB. It is twice the number of passwords
	// that the hasher can check within the window.
	mostTried = 40_000
)

// A throttle counts failed sign-ins, by device, by network and by name. What counts where
// is the defence against people who lock others out:
//
//   - The failures of a known device, a browser in which this user has signed in before,
//     count for the device alone. A device with too many counts as none.
//   - All others count for their network. So strangers delay only their own network.
//   - From a network in which this user has not signed in before they count for the name as
//     well, against guesses from many networks (see lines). This delays neither known
//     networks nor known devices.
//
// It also counts running tries, so many at the same time do not get around the limit. If
// only running tries reach the limit, the error is ErrBusy.
//
// The counts are in memory, or shared by several servers; see state.
type throttle struct {
	state state
	hide  func(tried) tried // returns a key as the state stores it

	mu    sync.Mutex // protects known
	known networks   // by what is not hidden
}

// A state has the counts. It is safe for concurrent use.
type state interface {
	// update has change work on the counts of these keys at an instant of the state's clock:
	// now, unless several servers share a clock. It may call it several times, of which the last
	// counts, so change must do nothing else. Errors, after which nothing may have changed:
	// ErrBusy, and those of Shared.
	update(ctx context.Context, now time.Time, keys []tried, change func(time.Time, *counts)) error
	// updateAll is update for all keys, in one or several parts. change returns a number, and
	// updateAll their sum.
	updateAll(ctx context.Context, now time.Time, change func(time.Time, *counts) int) (int, error)
	// anyOf reports whether look finds something in one of the parts, which it must not change,
	// or whether there are more parts than a page has time for.
	anyOf(ctx context.Context, now time.Time, look func(time.Time, *counts) bool) (bool, error)
}

// An attempt is what a sign-in counts for.
type attempt struct {
	name          tried // the zero value: not known yet, so it counts for no name
	network, site tried
	device        tried // the zero value: not a known device
}

// counted is an attempt that runs, and the key that it counts for.
type counted struct {
	attempt
	try      uint64    // its number among running tries; more than 0
	key      tried     // a device or a network
	strange  bool      // it also counts for the name
	reserved time.Time // of its try in the name's line
	rank     rank      // of its turn to hash
}

// A delay is why an attempt is not admitted.
type delay struct {
	wait     time.Duration // 0: only running tries are in the way
	reserved bool          // then there is a try for the site
	news     bool          // true once for each delay
}

// newThrottle returns a throttle that counts in memory.
func newThrottle() *throttle {
	return &throttle{state: &memoryState{counts: newCounts(mostTried)}, hide: func(k tried) tried { return k }, known: networks{}}
}

// begin counts a running try until end. If a key has too many failures or running tries, or
// the name no try for a stranger, it counts nothing and says why not. Errors: those of update.
func (t *throttle) begin(ctx context.Context, now time.Time, a attempt) (c counted, no *delay, err error) {
	known, try := t.knows(a), randomNumber()|1
	a = a.hidden(t.hide)
	err = t.state.update(ctx, now, a.keys(!known), func(now time.Time, s *counts) {
		c, no = s.begin(now, a, known, try)
	})
	return c, no, err
}

// An ending is how a try ended.
type ending int

const (
	undecided ending = iota // it was not checked, or more has to follow
	wrong                   // it counts as a failure
	right                   // it clears failures
)

// end ends a running try. After an error it goes on to count, as a failure.
func (t *throttle) end(ctx context.Context, now time.Time, c counted, how ending) error {
	return t.state.update(ctx, now, c.keys(c.strange), func(now time.Time, s *counts) {
		if how == right {
			s.forgive(now, c)
		}
		s.end(now, c, how == wrong)
	})
}

// unlock forgets the failures for a name everywhere, and returns how many there were within
// the window.
func (t *throttle) unlock(ctx context.Context, now time.Time, name tried) (int, error) {
	name = t.hide(name)
	return t.state.updateAll(ctx, now, func(now time.Time, s *counts) int { return s.unlock(now, name) })
}

// has reports whether there may be something that unlock takes back.
func (t *throttle) has(ctx context.Context, now time.Time, name tried) (bool, error) {
	name = t.hide(name)
	return t.state.anyOf(ctx, now, func(now time.Time, s *counts) bool { return s.against(now, name) })
}

// know adds the network to those in which a user has signed in.
func (t *throttle) know(name, network tried) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known.add(name, network)
}

// forget forgets the networks in which a user has signed in.
func (t *throttle) forget(name tried) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.known, name)
}

func (t *throttle) knows(a attempt) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known.has(a.name, a.network)
}

// keys returns the keys of an attempt that may change; with those of strangers, or without.
func (a *attempt) keys(strange bool) (keys []tried) {
	if a.device != (tried{}) {
		keys = append(keys, a.device)
	}
	if keys = append(keys, a.network); strange && a.name != (tried{}) {
		keys = append(keys, a.name, a.site)
	}
	return keys
}

// hidden returns the attempt with keys that are hidden, except those that are zero.
func (a attempt) hidden(hide func(tried) tried) attempt {
	for _, k := range []*tried{&a.name, &a.network, &a.site, &a.device} {
		if *k != (tried{}) {
			*k = hide(*k)
		}
	}
	return a
}

func randomNumber() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return binary.BigEndian.Uint64(b[:])
}
