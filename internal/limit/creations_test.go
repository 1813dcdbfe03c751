package limit_test

import (
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/limit"
	"pagesession/internal/network"
)

var mallory, alice = netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("2001:db8::")

// sessions are the live ones, by their networks.
type sessions struct {
	sync.Mutex
	live map[netip.Addr]int
}

func (s *sessions) each(found func(netip.Addr)) {
	s.Lock()
	defer s.Unlock()
	for network, n := range s.live {
		for range n {
			found(network)
		}
	}
}

func (s *sessions) set(network netip.Addr, n int) {
	s.Lock()
	defer s.Unlock()
	s.live[network] = n
}

func none(func(netip.Addr)) {}

// admitted returns how many of n creations are admitted, and the wait of the last refusal.
func admitted(t *testing.T, l *limit.Creations, network netip.Addr, n int) (good int, wait time.Duration) {
	t.Helper()
	for range n {
		err := l.Admit(network)
		var refused *limit.RefusedError
		switch {
		case err == nil:
			good++
		case errors.As(err, &refused) && refused.Wait > 0:
			wait = refused.Wait
		default:
			t.Fatalf("Admit: %v; want a RefusedError with a wait", err)
		}
	}
	return good, wait
}

func TestCreations_Rate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.NewCreations(limit.CreationsConfig{Rate: 10, Burst: 100, Each: none, Now: time.Now})
		defer l.Close()
		if good, wait := admitted(t, l, mallory, 1000); good != 100 || wait != 100*time.Millisecond {
			t.Errorf("%d of 1000 at once, then wait %v; want 100 and 100ms", good, wait)
		}
		if refused, most := l.Stats(); refused.Rate == 0 || refused.Sessions != 0 || most != 0 {
			t.Errorf("Stats() = %+v, %d; want that the rate refused some, and no live sessions without a limit", refused, most)
		}
		if good, _ := admitted(t, l, alice, 100); good != 100 {
			t.Errorf("another network: %d of 100", good)
		}
		time.Sleep(100*time.Millisecond - 1)
		if good, wait := admitted(t, l, mallory, 1); good != 0 || wait != 1 {
			t.Errorf("a nanosecond early: %d, wait %v; want a refusal and 1ns", good, wait)
		}
		time.Sleep(time.Nanosecond)
		if good, _ := admitted(t, l, mallory, 5); good != 1 {
			t.Errorf("after a tenth of a second: %d; want 1", good)
		}
		time.Sleep(time.Hour)
		if good, _ := admitted(t, l, mallory, 1000); good != 100 {
			t.Errorf("after an hour: %d; want no more than the burst", good)
		}
	})
}

func TestCreations_Live(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sessions{live: map[netip.Addr]int{mallory: 990, alice: 5}} // of before the start
		l := limit.NewCreations(limit.CreationsConfig{Sessions: 1000, Each: s.each, Now: time.Now})
		defer l.Close()
		l.Close()
		if good, wait := admitted(t, l, mallory, 100); good != 10 || wait <= 0 {
			t.Errorf("with 990 of 1000: %d more, wait %v; want 10", good, wait)
		}
		if refused, most := l.Stats(); refused.Sessions == 0 || refused.Rate != 0 || most != 1000 {
			t.Errorf("Stats() = %+v, %d; want refusals, and 1000 live sessions of a network", refused, most)
		}
		if good, _ := admitted(t, l, alice, 100); good != 100 {
			t.Errorf("another network: %d of 100", good)
		}
		s.set(mallory, 400) // the others have ended
		time.Sleep(10 * time.Second)
		admitted(t, l, mallory, 1) // begins the count
		l.Close()
		if good, _ := admitted(t, l, mallory, 1000); good != 600 {
			t.Errorf("with 400 of 1000: %d more; want 600", good)
		}
	})
}

// A count that comes early keeps a network from being refused by mistake, and what is
// created while it runs counts.
func TestCreations_CountsBeforeTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold, counts := make(chan struct{}), 0
		l := limit.NewCreations(limit.CreationsConfig{Sessions: 1000, Now: time.Now, Each: func(func(netip.Addr)) {
			if counts++; counts > 1 {
				<-hold
			}
		}})
		l.Close()
		time.Sleep(10 * time.Second)
		if good, _ := admitted(t, l, mallory, 950); good != 950 {
			t.Fatalf("%d of 950", good)
		}
		synctest.Wait()
		close(hold)
		l.Close()
		if counts != 2 {
			t.Errorf("%d counts; want one at the start and one near the limit", counts)
		}
		// 900 came before the count, which found none of them alive, and 50 during it.
		if good, _ := admitted(t, l, mallory, 2000); good != 950 {
			t.Errorf("after the count: %d; want 950", good)
		}
	})
}

func TestCreations_NoLimits(t *testing.T) {
	l := limit.NewCreations(limit.CreationsConfig{Each: none, Now: time.Now})
	defer l.Close()
	if good, _ := admitted(t, l, mallory, 100_000); good != 100_000 {
		t.Errorf("%d of 100,000", good)
	}
}

func TestCreations_Concurrent(t *testing.T) {
	s := &sessions{live: map[netip.Addr]int{}}
	l := limit.NewCreations(limit.CreationsConfig{Rate: 1, Burst: 500, Sessions: 300, Each: s.each, Now: time.Now})
	defer l.Close()
	var all sync.WaitGroup
	var good [4]int
	for i := range good {
		all.Go(func() { good[i], _ = admitted(t, l, mallory, 200) })
	}
	all.Wait()
	if sum := good[0] + good[1] + good[2] + good[3]; sum != 300 {
		t.Errorf("%d were admitted; want 300", sum)
	}
}

func BenchmarkAdmit(b *testing.B) {
	l := limit.NewCreations(limit.CreationsConfig{Rate: 1_000_000_000, Burst: 1_000_000_000, Sessions: 1 << 30, Each: none, Now: time.Now})
	defer l.Close()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := l.Admit(mallory); err != nil {
				b.Error(err)
			}
		}
	})
}

// Sessions of which only a part of the network is kept count by that part; the rate is that
// of the whole network all the same.
func TestCreations_KeptPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		part := network.KeptNetwork.Of
		live := sessions{live: map[netip.Addr]int{part(mallory): 3}}
		l := limit.NewCreations(limit.CreationsConfig{Rate: 1, Burst: 1, Sessions: 5, Kept: part, Each: live.each, Now: time.Now})
		defer l.Close()
		synctest.Wait()
		neighbour := netip.MustParseAddr("203.0.113.8")
		for _, addr := range []netip.Addr{mallory, neighbour} {
			if err := l.Admit(addr); err != nil {
				t.Errorf("Admit(%v) = %v; want the rates of two networks, and room for two more sessions", addr, err)
			}
		}
		live.set(part(mallory), 5)
		if err := l.Admit(netip.MustParseAddr("203.0.113.9")); err == nil {
			t.Error("Admit = nil; want a refusal, because the kept network has five sessions")
		}
		if err := l.Admit(alice); err != nil {
			t.Errorf("Admit(%v) = %v; want nil", alice, err)
		}
	})
}
