package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/page"
)

// backedUp returns a folder with an operator and a key, and a backup of it.
func backedUp(t *testing.T) (cfg config.Config, path string) {
	t.Helper()
	cfg = defaults(t)
	cfg.DataDir = filepath.Join(t.TempDir(), "data")
	client := Operate(cfg, slog.New(slog.DiscardHandler))
	if _, err := control.CreateSuperuser.Run(t.Context(), client, control.NewSuperuser{Username: "ada", Email: "ada@example.com", Password: "a perfectly fine one"}); err != nil {
		t.Fatal(err)
	}
	if _, err := secretKey(filepath.Join(cfg.DataDir, secretFile)); err != nil {
		t.Fatal(err)
	}
	info, err := control.MakeBackup.Run(t.Context(), client, control.All{})
	if err != nil {
		t.Fatal(err)
	}
	return cfg, filepath.Join(cfg.DataDir, info.Name)
}

// The next backup removes one that a killed command has not taken away, if that was long ago:
// another command may be about to take it.
func TestMakeBackup_RemovesUntaken(t *testing.T) {
	cfg, young := backedUp(t)
	old, at := filepath.Join(cfg.DataDir, ".backup-1.tar"), time.Now().Add(-2*time.Hour)
	if err := errors.Join(os.WriteFile(old, []byte("secrets"), 0o600), os.Chtimes(old, at, at)); err != nil {
		t.Fatal(err)
	}
	if _, err := control.MakeBackup.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), control.All{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Stat of an old backup = %v; want that it is gone", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("Stat of a young backup = %v; want that it is there", err)
	}
}

// With --secret-key the file that it names has to have the backup's key, and is never written.
func TestRestore_KeyElsewhere(t *testing.T) {
	from, path := backedUp(t)
	key, err := os.ReadFile(filepath.Join(from.DataDir, secretFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"the same": key, "another": page.NewFlashKey()} {
		cfg := defaults(t)
		cfg.DataDir, cfg.SecretKey = filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(cfg.SecretKey, content, 0o600); err != nil {
			t.Fatal(err)
		}
		done, err := control.RestoreBackup.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), control.BackupFile{Path: path})
		if name == "another" {
			if err == nil || !strings.Contains(err.Error(), "tar -xf BACKUP secret.key") {
				t.Errorf("restore with another key = %+v, %v; want what to do", done, err)
			}
		} else if err != nil || !done.Applied {
			t.Errorf("restore with the same key = %+v, %v", done, err)
		}
		if _, err := os.Stat(filepath.Join(cfg.DataDir, secretFile)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s key: the data folder has a key, %v; want none", name, err)
		}
		if now, err := os.ReadFile(cfg.SecretKey); err != nil || string(now) != string(content) {
			t.Errorf("%s key: the file of --secret-key has changed, %v", name, err)
		}
	}
}

// With sessions in Redis no lock says that no server runs, so the backup waits for a start. That
// start puts it in place before it reads the key and the accounts.
func TestRestore_WaitsForTheStart(t *testing.T) {
	_, path := backedUp(t)
	cfg := defaults(t)
	cfg.DataDir, cfg.Accounts = filepath.Join(t.TempDir(), "data"), "postgres://127.0.0.1:1/none"
	if _, err := control.RestoreBackup.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), control.BackupFile{Path: path}); !errors.Is(err, errAccountsElsewhere) {
		t.Errorf("RestoreBackup with PostgreSQL = %v; want %v", err, errAccountsElsewhere)
	}
	cfg.Accounts = ""
	cfg.Sessions, _ = config.ParseSessionServer("redis://127.0.0.1:1")
	client := Operate(cfg, slog.New(slog.DiscardHandler))
	done, err := control.RestoreBackup.Run(t.Context(), client, control.BackupFile{Path: path})
	if err != nil || done.Applied || done.Server || done.Users != 1 {
		t.Fatalf("RestoreBackup = %+v, %v; want that it waits", done, err)
	}
	if _, err := control.ListUsers.Run(t.Context(), client, control.UserQuery{}); err == nil || !strings.Contains(err.Error(), "waits in data folder") {
		t.Errorf("ListUsers = %v; want that a backup waits", err)
	}
	a := &app{starting: t.Context(), cfg: cfg, log: slog.New(slog.DiscardHandler)}
	a.cfg.Accounts = "postgres://127.0.0.1:1/none"
	if err := a.finishRestore(); !errors.Is(err, errAccountsElsewhere) {
		t.Errorf("finishRestore with PostgreSQL = %v; want %v", err, errAccountsElsewhere)
	}
	a.cfg.Accounts = ""
	if err := a.finishRestore(); err != nil {
		t.Fatal(err)
	}
	list, err := control.ListUsers.Run(t.Context(), client, control.UserQuery{})
	if err != nil || len(list.Users) != 1 || list.Users[0].Username != "ada" {
		t.Errorf("ListUsers after the start = %+v, %v; want ada", list, err)
	}
}
