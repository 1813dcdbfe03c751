package health_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/health"
)

// Unavailable accounts say since when, why, what works, what is refused, and what cures
// the cause.
func TestAccounts_Unavailable(t *testing.T) {
	since := time.Date(2026, 11, 28, 20, 15, 2, 0, time.UTC)
	wrapped := func(err error) error { return fmt.Errorf("%w: open: %w", account.ErrUnavailable, err) }
	for _, tc := range []struct {
		path  string
		cause error
		do    string
	}{
		{"/data/accounts.sqlite", account.ErrDamaged, "Restore a backup as accounts.sqlite, or move the damaged file and accounts.db"},
		{"/data/accounts.sqlite", account.ErrInUse, "Stop the other process that uses accounts.sqlite"},
		{"/data/accounts.sqlite", syscall.ENOSPC, "Free space on the disk that has accounts.sqlite"},
		{"/data/accounts.sqlite", account.ErrFull, "Free space"},
		{"/data/accounts.sqlite", fs.ErrPermission, "Give accounts.sqlite and its folder to the server’s user"},
		{"/data/accounts.sqlite", fs.ErrNotExist, "Bring back the disk"},
		{"/data/accounts.sqlite", syscall.EIO, "Check the disk that has accounts.sqlite"},
		{"", syscall.ECONNREFUSED, "Check that the PostgreSQL server runs"},
	} {
		err := wrapped(tc.cause)
		f := health.Accounts(tc.path, since, err)
		if f.OK() || f.State != health.Unavailable || !f.Since.Equal(since) || f.Cause != err.Error() || f.Name == "" || f.Path == "" {
			t.Errorf("Accounts(%q, %v) = %+v; want a name, a path, unavailable, the time and the cause", tc.path, err, f)
		}
		if !strings.HasPrefix(f.Works, "Visitors are served") || !strings.Contains(f.Refused, "503") {
			t.Errorf("Accounts(%q, %v): works %q, refused %q", tc.path, err, f.Works, f.Refused)
		}
		if !strings.HasPrefix(f.Do, tc.do) || !strings.HasSuffix(f.Do, "tries again each second.") {
			t.Errorf("Accounts(%q, %v).Do = %q; want %q", tc.path, err, f.Do, tc.do)
		}
		if tc.path == "" && strings.Contains(f.Do, "disk") {
			t.Errorf("Accounts of PostgreSQL: %q; want nothing about a disk", f.Do)
		}
	}
}

func TestAccounts_Available(t *testing.T) {
	for path, want := range map[string]health.File{
		"/data/accounts.sqlite": {Name: "accounts.sqlite", Path: "/data/accounts.sqlite", State: "ok"},
		"":                      {Name: "accounts database", Path: "PostgreSQL", State: "ok"},
	} {
		if f := health.Accounts(path, time.Time{}, nil); f != want || !f.OK() {
			t.Errorf("Accounts(%q) = %+v; want %+v", path, f, want)
		}
	}
	if health.Accounts("x", time.Now(), errors.New("any")).OK() {
		t.Error("Accounts with an error is ok")
	}
}
