package account

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// Ten failures, spread over two servers, delay the eleventh on either. A success of one takes
// back those of its network, and unlock forgets those of a name.
func TestThrottle_TwoServers(t *testing.T) {
	all, shared := onServers(t, 2)
	user := strangersFrom("ada", "203.0.113.1")
	for i := range mostTries {
		if !all[i%2].guess(lineStart, user) {
			t.Fatalf("try %d is delayed", i)
		}
	}
	for i, th := range all {
		if _, no := th.begin(lineStart, user); no == nil || no.wait != triesWindow || no.news != (i == 0) {
			t.Errorf("the eleventh on server %d: %+v; want a delay of %v, and news once", i, no, triesWindow)
		}
	}
	shared.now = lineStart
	if n, err := all[1].unlock(t.Context(), lineStart, nameKey("ada")); err != nil || n != mostTries {
		t.Errorf("unlock = %d, %v; want %d", n, err, mostTries)
	}
	if n := all[0].left(); n != 0 {
		t.Errorf("%d values are left; want none", n)
	}
	for range mostTries - 1 {
		all[0].guess(lineStart, user)
	}
	c, no := all[1].begin(lineStart, user)
	if no != nil {
		t.Fatalf("the tenth try: %+v", no)
	}
	all[1].end(lineStart, c, right)
	if n := all[0].left(); n != 0 {
		t.Errorf("%d values are left after a success; want none", n)
	}
}

// A server that dies in a sign-in leaves a running try. It is in the way as one, then it counts
// as a failure, and after five minutes it is gone.
func TestThrottle_ServerDies(t *testing.T) {
	eachState(t, func(t *testing.T, newThrottle func() *tester) {
		th, user := newThrottle(), attempt{network: networkKey("203.0.113.1")}
		for range mostTries {
			if _, no := th.begin(lineStart, user); no != nil {
				t.Fatalf("a try: %+v", no)
			}
		}
		for after, want := range map[time.Duration]time.Duration{0: 0, tryLasts - 1: 0, tryLasts: triesWindow - tryLasts} {
			if _, no := th.begin(lineStart.Add(after), user); no == nil || no.wait != want {
				t.Errorf("after %v: %+v; want a wait of %v", after, no, want)
			}
		}
		if !th.guess(lineStart.Add(triesWindow), user) {
			t.Error("after the window a try is delayed")
		}
	})
}

// When others are faster, an update is tried again; after some times the server is busy.
func TestThrottle_Faster(t *testing.T) {
	all, shared := onServers(t, 1)
	user := strangersFrom("ada", "203.0.113.1")
	shared.lost = mostSwaps - 1
	if !all[0].guess(lineStart, user) {
		t.Error("a try that was late once is delayed")
	}
	shared.lost = mostSwaps
	if _, _, err := all[0].throttle.begin(t.Context(), lineStart, user); !errors.Is(err, ErrBusy) {
		t.Errorf("begin = %v; want busy", err)
	}
	away := errors.New("away")
	shared.lost, shared.err = 0, away
	if _, _, err := all[0].throttle.begin(t.Context(), lineStart, user); !errors.Is(err, away) {
		t.Errorf("begin = %v; want the error of the store", err)
	}
}

// Many tries on several servers at the same time: at most ten are admitted.
func TestThrottle_RaceOfServers(t *testing.T) {
	all, shared := onServers(t, 4)
	shared.now = lineStart
	user := attempt{network: networkKey("203.0.113.1"), device: deviceKey(Device{User: 1, ID: "d"})}
	var mu sync.Mutex
	var admitted []counted
	var done sync.WaitGroup
	for i := range 60 {
		done.Go(func() {
			c, no, err := all[i%4].throttle.begin(context.Background(), lineStart, user)
			if err == nil && no == nil {
				mu.Lock()
				admitted = append(admitted, c)
				mu.Unlock()
			}
		})
	}
	done.Wait()
	byKey := map[tried]int{}
	for _, c := range admitted {
		byKey[c.key]++
	}
	for k, n := range byKey {
		if n > mostTries {
			t.Errorf("%d tries of key %x were admitted at once; want at most %d", n, k[:4], mostTries)
		}
	}
	if len(admitted) < mostTries {
		t.Errorf("%d tries were admitted; want %d at least", len(admitted), mostTries)
	}
}

// Shared values have neither names nor addresses, nor anything that can be computed from them
// without the servers' key.
func TestThrottle_NothingReadable(t *testing.T) {
	all, shared := onServers(t, 1)
	user := strangersFrom("ada", "203.0.113.1")
	all[0].guess(lineStart, user)
	if len(shared.values) != 2 {
		t.Errorf("%d values; want those of the network and the name", len(shared.values))
	}
	for field, value := range shared.values {
		for _, k := range []tried{user.name, user.network, user.site} {
			if bytes.Contains([]byte(field), k[:8]) || bytes.Contains(value, k[:8]) {
				t.Errorf("a value has the plain digest of a key")
			}
		}
	}
}

// Values of another kind, or damaged ones, count as none.
func TestThrottle_UnreadableValues(t *testing.T) {
	for _, value := range [][]byte{{9, 0, 1}, {valueTries, 0, 1, 2}, {valueLine, 0}, {valueHeld, 0, 1}, {1}} {
		c := newCounts(10)
		c.decode(tried{1}, value)
		if n := len(c.tries[tried{1}].at) + len(c.lines.names) + len(c.lines.held); n != 0 {
			t.Errorf("decode(%x) has %d entries; want none", value, n)
		}
	}
}

func FuzzThrottle_Decode(f *testing.F) {
	f.Add([]byte{valueTries, 1})
	f.Add(append([]byte{valueHeld, 0}, make([]byte, heldSize)...))
	f.Fuzz(func(t *testing.T, value []byte) {
		c := newCounts(10)
		c.decode(tried{1}, value)
		again, _ := c.encode(tried{1})
		if len(again) > 0 && !bytes.Equal(again[2:], value[2:]) {
			t.Errorf("%x becomes %x", value, again)
		}
	})
}
