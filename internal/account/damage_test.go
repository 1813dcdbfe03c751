package account_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/account"
)

// A damaged file gives ErrDamaged, or opens if the damage does not matter. Open does not
// crash, and leaves the file unchanged.
func TestOpen_Damaged(t *testing.T) {
	b := open(t)
	if err := b.Fill(50, 300); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(b.cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	refused := 0
	for i := range 60 {
		content := append([]byte(nil), whole...)
		what := fmt.Sprintf("seed %d, file %d", seed, i)
		switch at := random.IntN(len(content)); i % 3 {
		case 0:
			content = content[:at]
		case 1: // a page's head
			at -= at % 4096
			for j := range 16 {
				content[at+j] ^= byte(random.Uint32())
			}
		default:
			copy(content[at:], make([]byte, 4096))
		}
		refused += openDamaged(t, what, content)
	}
	if refused < 10 {
		t.Errorf("seed %d: only %d files were refused; this tests little", seed, refused)
	}
}

// If the file is truncated under a running store, a change panics, and its caller can
// recover, as package web does.
func TestChange_FileCutShort(t *testing.T) {
	b := open(t)
	if err := b.Fill(50, 300); err != nil {
		t.Fatal(err)
	}
	root := b.superuser("root")
	if err := os.Truncate(b.cfg.Path, 2*4096); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := caught(func() error {
			_, err := b.CreateGroup(t.Context(), cli, account.Group{Name: "group"})
			return err
		}); err == nil {
			t.Error("a change of a file that is not there is answered as done")
		}
	}
	if _, ok, err := b.Valid(t.Context(), root.ID, root.Epoch); err != nil || !ok {
		t.Error("reads of memory should go on")
	}
}

// After a panic in a commit the content of the disk is unknown, as after an error, so the
// file is fenced.
func TestChange_PanicInCommitFencesTheFile(t *testing.T) {
	b := open(t)
	wantErr(t, "the commit", caught(b.PanicInCommit), account.ErrUnavailable)
	_, err := b.CreateGroup(t.Context(), cli, account.Group{Name: "group"})
	wantErr(t, "a change after it", err, account.ErrUnavailable)
	if _, err := b.GroupByName(t.Context(), "group"); err == nil {
		t.Error("readers see what was refused")
	}
}

// caught returns the error of f, or its panic as an error.
func caught(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

func openDamaged(t *testing.T, what string, content []byte) (refused int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "accounts.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	err := openError(t, account.Config{Path: path}.Cheap())
	if err == nil {
		return 0
	}
	if !errors.Is(err, account.ErrDamaged) {
		t.Errorf("%s: %v; want ErrDamaged", what, err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(content) {
		t.Errorf("%s: Open changed it (%v)", what, err)
	}
	return 1
}

// openError opens and closes a store, and returns why it cannot be used. The error of
// each operation is the same.
func openError(t *testing.T, cfg account.Config) error {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	s, err := account.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v; want a store", err)
	}
	defer func() { _ = s.Close() }()
	_, why := s.Health()
	if why == nil {
		_, _ = s.Entries(t.Context(), account.EntryQuery{Limit: 1000}) // must not crash
		return nil
	}
	wantErr(t, "Health", why, account.ErrUnavailable)
	_, err = s.HasSuperuser(t.Context())
	wantErr(t, "HasSuperuser", err, why)
	_, _, err = s.Valid(t.Context(), 1, 1)
	wantErr(t, "Valid", err, why)
	wantErr(t, "Audit", s.Audit(t.Context(), cli, account.Event{Action: account.ActionRevoke}), why)
	return why
}

// Open sets mode 0600 on a file from a backup that others can read, and logs it.
func TestOpen_TightensTheMode(t *testing.T) {
	b := open(t)
	if err := errors.Join(b.Close(), os.Chmod(b.cfg.Path, 0o644)); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	b.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	b = b.reopen()
	if info, err := os.Stat(b.cfg.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v; want 0600", info.Mode(), err)
	}
	if !strings.Contains(log.String(), "other users could read the accounts file") {
		t.Errorf("the log has %q", log.String())
	}
}

// Two processes that start at the same time in an empty folder create one file.
func TestOpen_TwoMakeTheFile(t *testing.T) {
	if err := account.MakeAndTidy(filepath.Join(t.TempDir(), "accounts.db"), 50); err != nil {
		t.Errorf("makeFile beside another's tidy = %v; want nil", err)
	}
}
