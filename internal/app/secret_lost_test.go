package app

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/config"
	"pagesession/internal/control"
)

// A start with another secret.key says at once that authenticator apps stopped working, and
// how to get them back.
func TestRun_SecretKeyLost(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	n := control.NewSuperuser{Username: "ada", Password: "a perfectly fine one"}
	if _, err := control.CreateSuperuser.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), n); err != nil {
		t.Fatal(err)
	}
	const lost = "authenticator apps were sealed with another secret.key"
	if _, log := runOnce(t, cfg); strings.Contains(log, lost) {
		t.Errorf("log without an app %q; want no word about apps", log)
	}
	sealElsewhere(t, cfg)
	if _, log := runOnce(t, cfg); !strings.Contains(log, lost) || !strings.Contains(log, "restore secret.key from a backup") || !strings.Contains(log, "users=1") {
		t.Errorf("log with an app of another key %q; want the loss and the cure", log)
	}
}

// sealElsewhere gives the user an app whose secret no key of this folder opens.
func sealElsewhere(t *testing.T, cfg config.Config) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(cfg.DataDir, accountsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec("INSERT INTO totp (user_id, secret, step, added) SELECT id, 'c2VhbGVk', 0, 0 FROM users"); err != nil {
		t.Fatal(err)
	}
}
