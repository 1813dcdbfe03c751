package account_test

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// A PostgreSQL that accepts and never answers keeps the start waiting only for Wait.
func TestPostgres_SilentAtStart(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // with what it has accepted
	cfg := account.Config{
		Path: filepath.Join(t.TempDir(), account.FileName), URL: "postgres://me@" + listener.Addr().String() + "/db", Logger: discard,
		Wait: 200 * time.Millisecond,
	}
	begin := time.Now()
	b := openWith(t, cfg.Cheap(), testkit.NewClock())
	if took := time.Since(begin); took > time.Second {
		t.Errorf("Open took %v; want 200 ms", took)
	}
	if since, err := b.Health(); err == nil || since.IsZero() || !strings.Contains(err.Error(), "not answered yet") {
		t.Errorf("Health = %v, %v; want that it has not answered yet", since, err)
	}
	_, err = b.HasSuperuser(t.Context())
	wantErr(t, "HasSuperuser", err, account.ErrUnavailable)
	eventually(t, "the reason is known", func() bool {
		_, err := b.Health()
		return err != nil && strings.Contains(err.Error(), listener.Addr().String())
	})
}

// A PostgreSQL that answers late is used as soon as it does.
func TestPostgres_OpensInTheBackground(t *testing.T) {
	cfg := account.Config{URL: cluster.Server(t).Database(t), Logger: discard, Wait: time.Nanosecond}
	b := openWith(t, cfg.Cheap(), testkit.NewClock())
	eventually(t, "it is used", func() bool { _, err := b.HasSuperuser(t.Context()); return err == nil })
	b.superuser("root")
}
