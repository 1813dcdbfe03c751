package app

import (
	"net/netip"
	"sync"
	"testing"

	"pagesession/internal/network"
	"pagesession/session"
	"pagesession/storage"
)

// Each live session is found under the network that its creation was counted to. Sessions
// of clients whose address is unknown, as on a Unix socket, share one.
func TestEachNetwork(t *testing.T) {
	store, err := storage.Open(storage.Config{Database: t.TempDir() + "/sessions.db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	cfg := session.DefaultConfig()
	cfg.Store = store.Sessions()
	policy, err := session.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	want := map[netip.Addr]int{}
	for _, address := range []string{"203.0.113.7", "203.0.113.7", "2001:db8::1", "2001:db8::2", "", "", ""} {
		from := session.ClientInfo{Address: address}
		if _, _, err := policy.Start(t.Context(), session.Token{}, from, func(*session.Draft) error { return nil }); err != nil {
			t.Fatal(err)
		}
		addr, _ := netip.ParseAddr(address)
		want[network.Of(addr)]++
	}
	var mu sync.Mutex
	got := map[netip.Addr]int{}
	fileVisitors{store}.eachNetwork(network.KeptWhole)(func(network netip.Addr) {
		mu.Lock()
		defer mu.Unlock()
		got[network]++
	})
	if len(got) != len(want) {
		t.Errorf("networks %v; want %v", got, want)
	}
	for network, n := range want {
		if got[network] != n {
			t.Errorf("%v has %d sessions; want %d", network, got[network], n)
		}
	}
}
