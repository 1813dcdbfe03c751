package account

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Ten failures within five minutes, and the eleventh waits.
const (
	mostTries   = 10
	triesWindow = 5 * time.Minute
	// mostTried bounds the memory, to some 10 MB: twice the passwords that the
	// hasher manages within the window.
	mostTried = 40_000
)

// A tried is an account or an address; names may be of any length.
type tried [sha256.Size]byte

// A throttle remembers failed sign-ins. Tries under way count too, so that many at
// once are no way round; a refusal because of those alone is only ErrBusy.
type throttle struct {
	mu    sync.Mutex // protects tries
	tries map[tried]failed
	most  int
}

// failed is the failures of one key within the window, oldest first.
type failed struct {
	at     []time.Time
	under  int  // tries under way
	logged bool // the present lock
}

func newThrottle() *throttle { return &throttle{tries: map[tried]failed{}, most: mostTried} }

func accountKey(username string) tried { return sha256.Sum256([]byte("account " + username)) }

// addressKey takes an IPv6 network of 64 bits for one address: a customer has all of it.
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

// begin counts a try against all keys, until end, unless one of them has too many
// failures: then it returns how long that lasts, and news once for each lock. busy:
// with those under way there are too many.
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

// end tells what became of a try.
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

// set keeps what there is to know of a key. The caller holds mu.
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

// makeRoom forgets expired keys when there are too many, or else the oldest.
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

// forget takes the failures of a key back.
func (t *throttle) forget(k tried, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.tries[k]
	f.at = nil
	t.set(k, f, now)
}
