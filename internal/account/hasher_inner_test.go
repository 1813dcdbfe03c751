package account

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func stranger(i int) hashCaller {
	return hashCaller{networkKey(fmt.Sprintf("198.51.100.%d", i)), unknown}
}

func guesser(i int) hashCaller {
	return hashCaller{networkKey(fmt.Sprintf("203.0.113.%d", i)), failing}
}

func device(i int) hashCaller {
	return hashCaller{deviceKey(Device{User: 1, ID: fmt.Sprint(i)}), known}
}

// aHash takes as long as the hash of a password.
func aHash() { time.Sleep(25 * time.Millisecond) }

// occupy has a caller hash until release, so all others wait.
func occupy(h *hasher) (release func()) {
	block := make(chan struct{})
	go func() { _ = h.do(signedIn(), func() { <-block }) }()
	synctest.Wait()
	return func() { close(block) }
}

func TestHasher_PlacesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher()
		release := occupy(h)
		var wg sync.WaitGroup
		wait := func(who hashCaller) {
			wg.Go(func() {
				if err := h.do(who, aHash); err != nil {
					t.Errorf("a caller with a place: %v", err)
				}
			})
			synctest.Wait()
		}
		busy := func(what string, who hashCaller) {
			t.Helper()
			if err := h.do(who, aHash); !errors.Is(err, ErrBusy) {
				t.Errorf("%s: %v; want ErrBusy", what, err)
			}
		}
		for i := range failingQueue {
			wait(guesser(i))
		}
		busy("one more network with failures", guesser(99))
		for range keyQueue {
			wait(stranger(1))
		}
		busy("a third of one network", stranger(1))
		for i := range strangeQueue - failingQueue - keyQueue {
			wait(stranger(2 + i))
		}
		busy("one more network", stranger(99))
		for range keyQueue {
			wait(device(1))
		}
		busy("a third of one device", device(1))
		for i := range hashQueue - strangeQueue - keyQueue {
			wait(device(2 + i))
		}
		busy("one more device", device(99))
		release()
		wg.Wait()
		time.Sleep(time.Second) // ends the rest
	})
}

// Known callers have their turn first, then strangers without failures, and each group in its order.
func TestHasher_ByRank(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher()
		release := occupy(h)
		var order []string
		var wg sync.WaitGroup
		for _, c := range []struct {
			name string
			who  hashCaller
		}{{"g1", guesser(1)}, {"s1", stranger(1)}, {"s2", stranger(2)}, {"d1", device(1)}, {"op", signedIn()}, {"s3", stranger(3)}} {
			wg.Go(func() { _ = h.do(c.who, func() { order = append(order, c.name) }) })
			synctest.Wait()
		}
		release()
		wg.Wait()
		if got := fmt.Sprint(order); got != "[d1 op s1 s2 s3 g1]" {
			t.Errorf("order %s; want the known ones, then strangers without failures", got)
		}
	})
}

// Each of 20 strangers asks again as soon as it is answered. A device waits for one hash
// and one rest at most, and then hashes.
func TestHasher_DeviceBesideAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, done := newHasher(), make(chan struct{})
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
						_ = h.do(stranger(i), aHash)
						time.Sleep(time.Millisecond) // the way to the client and back
					}
				}
			})
		}
		for i := range 32 {
			time.Sleep(time.Duration(i) * 7 * time.Millisecond)
			begin := time.Now()
			if err := h.do(device(1), aHash); err != nil || time.Since(begin) > 75*time.Millisecond {
				t.Errorf("a device beside a flood: %v after %v; want nil in 75ms", err, time.Since(begin))
			}
		}
		close(done)
		wg.Wait()
		time.Sleep(time.Second) // ends the rest
	})
}

// The rest is as long as the hash: a slow database before it makes the rest no longer, and
// one that fails leaves no rest at all.
func TestHasher_RestsForTheHashAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, gone := newHasher(), errors.New("gone")
		slow := func() error { time.Sleep(3 * time.Second); return nil }
		fails := func() error { time.Sleep(3 * time.Second); return gone }
		for _, tt := range []struct {
			read func() error
			err  error
			want time.Duration // from the start of the first to that of the next
		}{{slow, nil, 3*time.Second + 50*time.Millisecond}, {fails, gone, 3 * time.Second}} {
			begin := time.Now()
			first := make(chan error, 1)
			go func() { first <- h.doAfter(stranger(1), tt.read, aHash) }()
			synctest.Wait()
			if err := h.do(stranger(2), func() {}); err != nil || time.Since(begin) != tt.want {
				t.Errorf("the next turn: %v after %v; want nil after %v", err, time.Since(begin), tt.want)
			}
			if err := <-first; !errors.Is(err, tt.err) {
				t.Errorf("the first: %v; want %v", err, tt.err)
			}
			time.Sleep(time.Second) // ends the rest
		}
	})
}

func TestHasher_Close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher()
		release := occupy(h)
		answer := make(chan error, 1)
		go func() { answer <- h.do(stranger(1), aHash) }()
		synctest.Wait()
		closed := make(chan struct{})
		go func() { h.close(); close(closed) }()
		if err := <-answer; !errors.Is(err, ErrClosed) {
			t.Errorf("a waiting caller: %v; want ErrClosed", err)
		}
		select {
		case <-closed:
			t.Error("close did not wait for the running hash")
		default:
		}
		release()
		<-closed
		if err := h.do(device(1), aHash); !errors.Is(err, ErrClosed) {
			t.Errorf("after close: %v; want ErrClosed", err)
		}
		h.close()
		time.Sleep(time.Second) // ends the rest
	})
}
