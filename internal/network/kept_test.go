package network_test

import (
	"net/netip"
	"testing"

	"pagesession/internal/network"
)

func TestKept_Text(t *testing.T) {
	for _, test := range []struct {
		kept     network.Kept
		in, want string
	}{
		{network.KeptWhole, "203.0.113.7", "203.0.113.7"},
		{network.KeptWhole, "", ""},
		{network.KeptNetwork, "203.0.113.7", "203.0.113.0/24"},
		{network.KeptNetwork, "::ffff:203.0.113.7", "203.0.113.0/24"},
		{network.KeptNetwork, "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"},
		{network.KeptNetwork, "fe80::1%eth0", "fe80::/48"},
		{network.KeptNetwork, "203.0.113.0/24", "203.0.113.0/24"}, // again
		{network.KeptNetwork, "somebody", ""},
		{network.KeptNetwork, "", ""},
		{network.KeptNothing, "203.0.113.7", ""},
		{network.KeptNothing, "2001:db8::1", ""},
	} {
		if got := test.kept.Text(test.in); got != test.want {
			t.Errorf("%v.Text(%q) = %q; want %q", test.kept, test.in, got, test.want)
		}
	}
}

// A limit counts a client now, and later what is kept of it: both have to be the same.
func TestKept_OfIsWhatTheTextSays(t *testing.T) {
	for _, address := range []string{"203.0.113.7", "2001:db8:1:2:3:4:5:6"} {
		addr := netip.MustParseAddr(address)
		for _, k := range []network.Kept{network.KeptWhole, network.KeptNetwork, network.KeptNothing} {
			now, later := k.Of(addr), k.Of(network.ParseAddr(k.Text(address)))
			if now != later {
				t.Errorf("%v.Of(%s) = %v, of the kept text %v; want the same", k, address, now, later)
			}
		}
	}
}

func TestParseKept(t *testing.T) {
	for _, k := range []network.Kept{network.KeptWhole, network.KeptNetwork, network.KeptNothing} {
		if got, err := network.ParseKept(k.String()); got != k || err != nil {
			t.Errorf("ParseKept(%q) = %v, %v", k.String(), got, err)
		}
	}
	for _, bad := range []string{"", "Full", "whole", "/24", "none "} {
		if got, err := network.ParseKept(bad); err == nil {
			t.Errorf("ParseKept(%q) = %v; want an error", bad, got)
		}
	}
}
