package app

import (
	"net"
	"testing"

	"pagesession/internal/config"
	"pagesession/internal/hosts"
)

// The log names an address that can be opened.
func TestURLOf(t *testing.T) {
	everywhere := &net.TCPAddr{IP: net.IPv6unspecified, Port: 8000}
	example, err := hosts.Parse("example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		addr net.Addr
		cfg  config.Config
		want string
	}{
		{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8000}, config.Config{AllowedHosts: hosts.Local()}, "http://127.0.0.1:8000/"},
		{&net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 80}, config.Config{AllowedHosts: hosts.Local()}, "http://10.0.0.7:80/"},
		{everywhere, config.Config{AllowedHosts: hosts.Local()}, "http://127.0.0.1:8000/"},
		{&net.TCPAddr{IP: net.IPv4zero, Port: 8000}, config.Config{AllowedHosts: hosts.Local()}, "http://127.0.0.1:8000/"},
		{everywhere, config.Config{AllowedHosts: example}, "http://[::]:8000/"},
		{everywhere, config.Config{AllowedHosts: example, Domains: []string{"example.com", "www.example.com"}}, "http://example.com:8000/"},
		{&net.UnixAddr{Name: "/run/x.sock", Net: "unix"}, config.Config{}, "unix:/run/x.sock"},
	} {
		a := &app{cfg: test.cfg}
		if got := a.urlOf(test.addr); got != test.want {
			t.Errorf("urlOf(%v) with %v = %s; want %s", test.addr, test.cfg.AllowedHosts, got, test.want)
		}
	}
}
