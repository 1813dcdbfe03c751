package app

import (
	"strings"
	"testing"

	"pagesession/internal/client"
	"pagesession/internal/config"
)

// A start warns of plain HTTP that other machines can reach.
func TestRun_WarnsOfPlainHTTP(t *testing.T) {
	proxies, err := client.Parse("10.0.0.7")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*config.Config)
		warns  bool
	}{
		"this machine":  {func(*config.Config) {}, false},
		"all addresses": {func(c *config.Config) { c.Addr = "0.0.0.0:0" }, true},
		"a proxy":       {func(c *config.Config) { c.Addr, c.TrustedProxies = "0.0.0.0:0", proxies }, false},
		"a socket":      {func(c *config.Config) { c.Addr = "unix:" + c.DataDir + "/http.sock" }, false},
	} {
		cfg := defaults(t)
		cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
		test.change(&cfg)
		if _, log := runOnce(t, cfg); strings.Contains(log, "has no TLS") != test.warns {
			t.Errorf("%s: warns: %v; want %v\n%s", name, !test.warns, test.warns, log)
		}
	}
}
