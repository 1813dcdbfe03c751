package app

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/testkit"
)

// A server whose accounts are damaged serves visitors. The console is 503, no link for a
// first operator is printed, and each surface says what to do.
func TestRun_AccountsUnavailable(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	if err := os.WriteFile(filepath.Join(cfg.DataDir, accountsFile), bytes.Repeat([]byte("damaged "), 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	var notices bytes.Buffer
	addr, stop := serveIn(t, cfg, &notices)
	c := testkit.At(t, "http://"+addr)
	c.Jar = map[string]string{}
	c.Get("/set/?name=Pema").Wants(200)
	c.Get("/get/").Wants(200, "Pema")
	c.Get("/readyz").Wants(200, "ready")
	const cure = "Restore a backup as " + accountsFile
	c.Get("/readyz?verbose").Wants(200, "ready", accountsFile+": unavailable since 2", cure).Lacks(cfg.DataDir)
	c.Get("/admin/login/").Wants(503, "Accounts unavailable", cure).Lacks(cfg.DataDir, "There is no operator yet")
	ops := Operate(cfg, slog.New(slog.DiscardHandler))
	st, err := control.ShowStatus.Run(t.Context(), ops, control.All{})
	if err != nil || len(st.Files) != 3 || !st.Files[0].OK() || !st.Files[1].OK() {
		t.Fatalf("ShowStatus = %+v, %v; want three files, the session files in order", st, err)
	}
	if f := st.Files[2]; f.State != health.Unavailable || f.Path != filepath.Join(cfg.DataDir, accountsFile) || f.Since.IsZero() || f.Cause == "" {
		t.Errorf("the accounts are %+v; want unavailable, with path, time and cause", f)
	}
	wantsUnavailable(t, ops)
	if err := stop(); err != nil {
		t.Errorf("the stop: %v", err)
	}
	if notices.Len() > 0 {
		t.Errorf("notices %q; want no link, since there may be operators", notices.String())
	}
	wantsUnavailable(t, ops) // without a server, too
}

// wantsUnavailable holds that a command fails and says what to do.
func wantsUnavailable(t *testing.T, ops *control.Client) {
	t.Helper()
	n := control.NewSuperuser{Username: "eve", Password: "a perfectly fine one"}
	_, err := control.CreateSuperuser.Run(t.Context(), ops, n)
	if !errors.Is(err, account.ErrUnavailable) || !strings.Contains(err.Error(), "backup") {
		t.Errorf("CreateSuperuser = %v; want ErrUnavailable, and what to do", err)
	}
}
