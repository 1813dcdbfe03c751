package config_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pagesession/internal/config"
)

// FuzzLoad checks that Load returns printable lines, or a Config within its bounds that
// means the same when written back.
func FuzzLoad(f *testing.F) {
	f.Add("127.0.0.1:8000", "./data", "20s", "12h", "1000000", "localhost,127.0.0.1,[::1]")
	f.Add("[::1]:0", "a", "1s", "0", "1", ".example.com,*")
	f.Add("x:99999", "\x00", "1e9h", "-1ns", "0x10", "a\n,b")
	f.Fuzz(func(t *testing.T, addr, dir, idle, absolute, sessions, hosts string) {
		args := []string{
			"--addr=" + addr, "--data-dir=" + dir, "--idle-timeout=" + idle,
			"--absolute-timeout=" + absolute, "--max-sessions=" + sessions, "--allowed-hosts=" + hosts,
		}
		cfg, _, err := load(t, args, nil)
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				assertPrintable(t, line)
			}
			return
		}
		assertBounds(t, cfg)
		again, _, err := load(t, config.Args(cfg), nil)
		if err != nil || !reflect.DeepEqual(cfg, again) {
			t.Errorf("Load(Args(%+v)) = %+v, %v; want the same", cfg, again, err)
		}
	})
}

func assertPrintable(t *testing.T, line string) {
	t.Helper()
	for _, r := range line {
		if r < ' ' || r > '~' {
			t.Fatalf("Load() = %q; want one printable line", line)
		}
	}
}

func assertBounds(t *testing.T, c config.Config) {
	t.Helper()
	if c.IdleTimeout < time.Second || c.IdleTimeout > 30*24*time.Hour {
		t.Errorf("IdleTimeout = %v; want 1s to 720h", c.IdleTimeout)
	}
	if c.AbsoluteTimeout != 0 && c.AbsoluteTimeout < c.IdleTimeout {
		t.Errorf("AbsoluteTimeout = %v; want 0 or at least %v", c.AbsoluteTimeout, c.IdleTimeout)
	}
	if c.MaxSessions < 1 || c.MaxSessions > 50_000_000 {
		t.Errorf("MaxSessions = %d; want 1 to 50000000", c.MaxSessions)
	}
	if c.DataDir == "" || c.AllowedHosts.Empty() {
		t.Errorf("DataDir = %q, AllowedHosts = %q; want neither empty", c.DataDir, c.AllowedHosts)
	}
	for _, h := range strings.Split(c.AllowedHosts.String(), ",") {
		if h == "" || h != strings.ToLower(h) || strings.ContainsAny(h, " ,/\t\n") {
			t.Errorf("AllowedHosts = %q; want plain lower-case names", c.AllowedHosts)
		}
	}
}
