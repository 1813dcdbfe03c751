package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/client"
	"pagesession/internal/config"
	"pagesession/internal/disk"
)

func withProxy(t *testing.T, dir string, absolute time.Duration) (*app, *strings.Builder) {
	t.Helper()
	proxies, err := client.Parse("10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	cfg := config.Config{DataDir: dir, TrustedProxies: proxies, AbsoluteTimeout: absolute}
	return &app{cfg: cfg, log: slog.New(slog.NewTextHandler(&log, nil))}, &log
}

// The first start with https counts, and no later one.
func TestPlainNameUntil(t *testing.T) {
	dir := t.TempDir()
	first := time.Date(2026, time.November, 29, 12, 0, 0, 0, time.UTC)
	plain := &app{cfg: config.Config{DataDir: dir}}
	if got := plain.plainNameUntil(first); !got.IsZero() {
		t.Errorf("without https = %v; want never", got)
	}
	if _, err := os.Stat(filepath.Join(dir, httpsSinceFile)); err == nil {
		t.Errorf("a start without https wrote %s", httpsSinceFile)
	}
	a, log := withProxy(t, dir, 12*time.Hour)
	for _, later := range []time.Duration{0, time.Hour, 1000 * time.Hour} {
		if got, want := a.plainNameUntil(first.Add(later)), first.Add(12*time.Hour); !got.Equal(want) {
			t.Errorf("%v after the first start: %v; want %v", later, got, want)
		}
	}
	never, _ := withProxy(t, dir, 0)
	if got, want := never.plainNameUntil(first.Add(time.Hour)), first.AddDate(0, 0, 400); !got.Equal(want) {
		t.Errorf("without an absolute timeout: %v; want %v", got, want)
	}
	if got, want := a.plainNameUntil(first.Add(-time.Hour)), first.Add(11*time.Hour); !got.Equal(want) {
		t.Errorf("after the clock was set back: %v; want %v, one timeout from now", got, want)
	}
	if info, err := os.Stat(filepath.Join(dir, httpsSinceFile)); err != nil || disk.OthersCanRead(info) {
		t.Errorf("%s: %v, %v; want a file that only the server reads", httpsSinceFile, info, err)
	}
	if log.Len() > 0 {
		t.Errorf("log = %s; want nothing", log)
	}
}

// A file that cannot be read or written never keeps the server from starting.
func TestPlainNameUntil_BadFile(t *testing.T) {
	now := time.Date(2026, time.November, 29, 12, 0, 0, 0, time.UTC)
	for _, content := range []string{"", "yesterday", "2026-11-29", strings.Repeat("9", 1<<20), "2026-11-29T12:00:00Z and more"} {
		dir := t.TempDir()
		path := filepath.Join(dir, httpsSinceFile)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		a, log := withProxy(t, dir, time.Hour)
		if got := a.plainNameUntil(now); !got.IsZero() || !strings.Contains(log.String(), "write the time") {
			t.Errorf("with %.20q: %v, log %s; want never, and what to do", content, got, log)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != content {
			t.Errorf("%.20q was overwritten", content)
		}
	}
	a, log := withProxy(t, filepath.Join(t.TempDir(), "missing"), time.Hour)
	if got := a.plainNameUntil(now); !got.Equal(now.Add(time.Hour)) || log.Len() == 0 {
		t.Errorf("when it cannot be written: %v, log %q; want one timeout from now, and a line", got, log)
	}
}

// Each later version has to read testdata/https-since; see "File formats" in
// docs/ARCHITECTURE.md.
func TestFormat_HTTPSSince(t *testing.T) {
	since, err := httpsSince("testdata", time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC))
	if want := time.Date(2026, time.November, 29, 4, 20, 0, 0, time.UTC); err != nil || !since.Equal(want) {
		t.Errorf("httpsSince = %v, %v; want %v", since, err, want)
	}
}

// Only a file of the server's own is read and written: a pipe would never end, and a link
// may lead to another file.
func TestPlainNameUntil_Link(t *testing.T) {
	now := time.Date(2026, time.November, 29, 12, 0, 0, 0, time.UTC)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(elsewhere, []byte(now.Format(time.RFC3339)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{elsewhere, elsewhere + ".missing", os.DevNull} {
		dir := t.TempDir()
		if err := os.Symlink(target, filepath.Join(dir, httpsSinceFile)); err != nil {
			t.Fatal(err)
		}
		a, log := withProxy(t, dir, time.Hour)
		if got := a.plainNameUntil(now); !got.IsZero() || !strings.Contains(log.String(), "is a link") {
			t.Errorf("with a link to %s: %v, log %s; want never, and that it is a link", target, got, log)
		}
	}
}
