package network_test

import (
	"net/netip"
	"testing"

	"pagesession/internal/network"
)

func TestOf(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "fe80::1%eth0": "fe80::", "::1": "::",
	} {
		if got := network.Of(netip.MustParseAddr(in)); got.String() != want {
			t.Errorf("Of(%s) = %s; want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1::"} {
		if got := network.SiteOf(netip.MustParseAddr(in)); got.String() != want {
			t.Errorf("SiteOf(%s) = %s; want %s", in, got, want)
		}
	}
	if got := network.SiteOf(netip.Addr{}); got.IsValid() {
		t.Errorf("the site of an unknown address = %s", got)
	}
	if got := network.Of(netip.Addr{}); got.IsValid() {
		t.Errorf("the network of an unknown address = %s", got)
	}
}
