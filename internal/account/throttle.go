package account

import (
	"crypto/sha256"
	"net/netip"
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

// A tried is the hash of an account or an address, since names may be of any length.
type tried [sha256.Size]byte

// A throttle counts failed sign-ins. It also counts running tries, so many at the same time
// do not get around the limit. If only running tries reach the limit, the error is
// ErrBusy.
type throttle struct {
	mu    sync.Mutex // protects tries
	tries map[tried]failed
	most  int
}

// failed has the failures of one key within the window.
type failed struct {
	at     []time.Time // oldest first
	under  int         // running tries
	logged bool        // the present delay is logged
}

func newThrottle() *throttle { return &throttle{tries: map[tried]failed{}, most: mostTried} }

func accountKey(username string) tried { return sha256.Sum256([]byte("account " + username)) }

// addressKey takes an IPv6 /64 network as one address, because a customer has the whole
// network.
func addressKey(address string) tried {
	if ip, err := netip.ParseAddr(address); err == nil {
		if ip = ip.Unmap().WithZone(""); ip.Is6() {
			net, _ := ip.Prefix(64)
			address = net.String()
		} else {
			address = ip.String()
		}
	}
	return sha256.Sum256([]byte("address " + address))
}

// begin counts a running try for all keys until end. If a key has too many failures, it
// counts nothing and returns the wait; news is true once for each delay. busy means that
// the running tries and the failures together are too many.
func (t *throttle) begin(now time.Time, keys ...tried) (wait time.Duration, news, busy bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		f := t.tries[k]
		f.at = slices.DeleteFunc(f.at, func(at time.Time) bool { return now.Sub(at) >= triesWindow })
		full := len(f.at) >= mostTries
		if full {
			wait = max(wait, f.at[len(f.at)-mostTries].Add(triesWindow).Sub(now))
			news = news || !f.logged
		}
		f.logged = full
		busy = busy || len(f.at)+f.under >= mostTries
		t.set(k, f, now)
	}
	if busy { // or full
		return wait, news, wait == 0
	}
	for _, k := range keys {
		f := t.tries[k]
		f.under++
		t.set(k, f, now)
	}
	return 0, false, false
}

// end ends a running try and counts a failure if it was wrong.
func (t *throttle) end(now time.Time, wrong bool, keys ...tried) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		f := t.tries[k]
		f.under = max(0, f.under-1)
		if wrong {
			f.at = append(f.at, now)
		}
		t.set(k, f, now)
	}
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
// expired.
func (t *throttle) makeRoom(now time.Time) {
	if len(t.tries) < t.most {
		return
	}
	var oldest tried
	var last time.Time
	for k, f := range t.tries {
		at := time.Time{}
		if len(f.at) > 0 {
			at = f.at[len(f.at)-1]
		}
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

// forget clears the failures of a key.
func (t *throttle) forget(k tried, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.tries[k]
	f.at = nil
	t.set(k, f, now)
}
