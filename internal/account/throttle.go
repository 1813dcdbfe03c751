package account

import (
	"slices"
	"sync"
	"time"
)

// After mostTries failures within triesWindow, further sign-ins are delayed.
const (
	mostTries   = 10
	triesWindow = 5 * time.Minute
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
type throttle struct {
	mu    sync.Mutex // protects the fields below
	tries map[tried]failed
	most  int
	known networks
	lines *lines
}

// failed has the failures of one key within the window.
type failed struct {
	at     []failure // oldest first
	under  int       // running tries
	logged bool      // the present delay is logged
}

// A failure has the name that it was for.
type failure struct {
	at time.Time
	of tried
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

func newThrottle() *throttle {
	return &throttle{tries: map[tried]failed{}, most: mostTried, known: networks{}, lines: newLines(mostTried)}
}

// begin counts a running try until end. If a key has too many failures or running tries, or
// the name no try for a stranger, it counts nothing and says why not.
func (t *throttle) begin(now time.Time, a attempt) (counted, *delay) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.count(now, a)
	f := t.tries[c.key]
	if no := f.delay(now); no != nil {
		t.set(c.key, f, now)
		return c, no
	}
	if c.strange {
		var no *delay
		if c.reserved, no = t.lines.admit(now, a); no != nil {
			return c, no
		}
	}
	f.under++
	t.set(c.key, f, now)
	return c, nil
}

// delay says why a key admits no further try; nil if it does.
func (f *failed) delay(now time.Time) *delay {
	f.expire(now)
	was := f.logged
	if f.logged = len(f.at) >= mostTries; f.logged {
		return &delay{wait: f.at[len(f.at)-mostTries].at.Add(triesWindow).Sub(now), news: !was}
	}
	if len(f.at)+f.under >= mostTries {
		return &delay{}
	}
	return nil
}

// count returns what an attempt counts for. The caller holds mu.
func (t *throttle) count(now time.Time, a attempt) counted {
	if a.device != (tried{}) {
		f := t.tries[a.device]
		f.expire(now)
		if len(f.at)+f.under < mostTries {
			return counted{attempt: a, key: a.device, rank: known}
		}
	}
	c := counted{attempt: a, key: a.network, rank: known}
	if t.known.has(a.name, a.network) {
		return c
	}
	c.strange, c.rank = a.name != (tried{}), unknown
	f := t.tries[a.network]
	if f.expire(now); len(f.at) > 0 {
		c.rank = failing
	}
	return c
}

func (f *failed) expire(now time.Time) {
	f.at = slices.DeleteFunc(f.at, func(at failure) bool { return now.Sub(at.at) >= triesWindow })
}

// end ends a running try and counts a failure if it was wrong.
func (t *throttle) end(now time.Time, c counted, wrong bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.tries[c.key]
	f.under = max(0, f.under-1)
	if wrong {
		f.at = append(f.at, failure{now, c.name})
	} else if c.strange {
		t.lines.giveBack(now, c.attempt, c.reserved, 1)
	}
	t.set(c.key, f, now)
}

// forgive clears the failures of a device or a network that are for the name of a success.
// Those of other networks stay, and so do those of this network for other names, which may
// be guesses.
func (t *throttle) forgive(now time.Time, c counted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range []tried{c.device, c.network} {
		f, ok := t.tries[k]
		if !ok {
			continue
		}
		all := len(f.at)
		f.at = slices.DeleteFunc(f.at, func(at failure) bool { return at.of == c.name })
		t.set(k, f, now)
		if k == c.network && c.strange {
			t.lines.giveBack(now, c.attempt, time.Time{}, all-len(f.at))
		}
	}
}

// unlock forgets the failures for a name everywhere, and returns how many there were within
// the window.
func (t *throttle) unlock(now time.Time, name tried) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines.unlock(name)
	for k, f := range t.tries {
		f.expire(now)
		all := len(f.at)
		f.at = slices.DeleteFunc(f.at, func(at failure) bool { return at.of == name })
		n += all - len(f.at)
		t.set(k, f, now)
	}
	return n
}

// know adds the network to those in which a user has signed in.
func (t *throttle) know(name, network tried) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known.add(name, network)
}

// set stores the state of a key, or removes an empty one. The caller holds mu.
func (t *throttle) set(k tried, f failed, now time.Time) {
	if len(f.at) == 0 && f.under == 0 {
		delete(t.tries, k)
		return
	}
	if _, known := t.tries[k]; !known {
		t.makeRoom(now)
	}
	t.tries[k] = f
}

// makeRoom removes expired keys if there are too many keys, and the oldest one if none has
// expired. It removes no key with running tries; the server's requests bound those.
func (t *throttle) makeRoom(now time.Time) {
	if len(t.tries) < t.most {
		return
	}
	var oldest tried
	var last time.Time
	for k, f := range t.tries {
		if f.under > 0 || len(f.at) == 0 {
			continue
		}
		at := f.at[len(f.at)-1].at
		if now.Sub(at) >= triesWindow {
			delete(t.tries, k)
		} else if last.IsZero() || at.Before(last) {
			oldest, last = k, at
		}
	}
	if len(t.tries) >= t.most {
		delete(t.tries, oldest)
	}
}
