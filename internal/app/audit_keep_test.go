package app

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"pagesession/internal/control"
	"pagesession/internal/testkit"
)

// A running server removes entries that are older than --audit-keep, and no others.
func TestAuditKeep_RunningServer(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	for _, name := range []string{"ada", "bob"} {
		n := control.NewSuperuser{Username: name, Password: "a perfectly fine one"}
		if _, err := control.CreateSuperuser.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), n); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(cfg.DataDir, accountsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	old := time.Now().Add(-cfg.AuditKeep - time.Hour).UnixMicro()
	if _, err := db.Exec("UPDATE entries SET at = $1 WHERE object = 'ada'", old); err != nil {
		t.Fatal(err)
	}
	serveIn(t, cfg, t.Output())
	var left string
	for end := time.Now().Add(testkit.Patience); left != "bob" && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		_ = db.QueryRow("SELECT group_concat(object) FROM entries").Scan(&left) // it may be locked
	}
	if left != "bob" {
		t.Errorf("entries are left about %q; want those about bob", left)
	}
}
