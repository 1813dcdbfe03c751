package app

import (
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/basepath"
	"pagesession/internal/check"
	"pagesession/internal/client"
	"pagesession/internal/config"
	"pagesession/internal/hosts"
	"pagesession/internal/testkit"
)

// The dashboard gets the findings of a server that visitors reach, and not before that.
func TestChecks(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	accounts, err := account.Open(t.Context(), account.Config{Path: filepath.Join(dir, accountsFile), Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = accounts.Close() })
	for addr, want := range map[string]bool{"127.0.0.1:8000": false, ":8000": true} {
		base, err := basepath.Parse("/")
		if err != nil {
			t.Fatal(err)
		}
		a := &app{
			cfg:      config.Config{Addr: addr, DataDir: dir, AllowedHosts: hosts.Local(), BasePath: base, MaxSessions: 1},
			accounts: accounts, clients: client.NewResolver(client.Proxies{}, quiet), done: make(chan struct{}), log: quiet,
		}
		last := a.checks()
		defer close(a.done)
		var found []check.Finding
		for end := time.Now().Add(testkit.Patience); found == nil && time.Now().Before(end); time.Sleep(time.Millisecond) {
			found = last()
		}
		has := func(id string) bool {
			return slices.ContainsFunc(found, func(f check.Finding) bool { return f.ID == id })
		}
		if found == nil || has("tls.none") != want || has("operators.none") != want {
			t.Errorf("with --addr %s the checks find %+v; want tls.none and operators.none: %v", addr, found, want)
		}
	}
}
