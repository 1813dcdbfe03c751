package account_test

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// While another program holds the lock of changes, reads and openings go on, changes are
// refused, and the connections stay usable.
func TestPostgres_LockIsHeld(t *testing.T) {
	cfg := account.Config{URL: cluster.Server(t).Database(t), Logger: discard}.Cheap()
	b := openWith(t, cfg, testkit.NewClock())
	b.root = b.superuser("root")
	db, err := sql.Open("pgx", cfg.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	holder, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback() }()
	if _, err := holder.Exec(fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(account.ChangeLock))); err != nil {
		t.Fatal(err)
	}
	var changes sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		changes.Go(func() { _, errs[i] = b.CreateGroup(t.Context(), cli, account.Group{Name: fmt.Sprint("g", i)}) })
	}
	ended := make(chan struct{})
	go func() { changes.Wait(); close(ended) }()
	begin := time.Now()
	other := openWith(t, cfg, testkit.NewClock())
	if _, err := other.Health(); err != nil || time.Since(begin) > 2*time.Second {
		t.Errorf("Open beside the lock took %v: %v", time.Since(begin), err)
	}
	for {
		if _, err := b.FirstRun(t.Context()); err != nil {
			t.Errorf("a read beside the lock: %v", err)
		}
		if _, err := b.Health(); err != nil {
			t.Errorf("Health beside the lock: %v", err)
		}
		select {
		case <-ended:
		case <-time.After(50 * time.Millisecond):
			continue
		}
		break
	}
	said := false
	for i, err := range errs {
		wantErr(t, fmt.Sprint("change ", i), err, account.ErrUnavailable)
		said = said || strings.Contains(err.Error(), "is being changed by another")
	}
	if !said {
		t.Errorf("no change says that another one holds the lock: %v", errs[0])
	}
	if err := holder.Rollback(); err != nil {
		t.Fatal(err)
	}
	if !b.usable() {
		t.Error("changes are refused after the lock")
	}
}

// PostgreSQL ends a change whose server has vanished, within 10 seconds of its last word.
func TestPostgres_VanishedServer(t *testing.T) {
	b := openWith(t, account.Config{URL: cluster.Server(t).Database(t), Logger: discard}.Cheap(), testkit.NewClock())
	if got := b.SettingInAChange("idle_in_transaction_session_timeout"); got != "10s" {
		t.Errorf("idle_in_transaction_session_timeout = %s in a change; want 10s", got)
	}
}
