package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/config"
	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/redis"
)

// keeping returns an app with open accounts, and its log.
func keeping(t *testing.T, set func(*config.Config)) (*app, *testkit.Log) {
	t.Helper()
	cfg, log := defaults(t), new(testkit.Log)
	cfg.DataDir = t.TempDir()
	set(&cfg)
	a := &app{starting: t.Context(), cfg: cfg, log: slog.New(slog.NewTextHandler(log, nil))}
	if err := a.openAccounts(0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.accounts.Close() })
	a.backups = a.newBackups()
	return a, log
}

// A failed backup is in the log, in the lists of states and in the metrics until one is made, and
// removes none.
func TestBackups_FailedAndMade(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "mounted")
	dir := filepath.Join(parent, "backups")
	a, log := keeping(t, func(cfg *config.Config) { cfg.Backups = config.Backups{Dir: dir, Keep: 2} })
	if _, err := a.backups.Keep(t.Context()); err == nil {
		t.Fatal("Keep in a folder that is not mounted made a backup")
	}
	files := a.backups.health()
	if len(files) != 1 || !strings.Contains(files[0].Notice, "There is none yet") || strings.Contains(files[0].Public, dir) || !files[0].OK() || !a.backups.failed() {
		t.Errorf("health = %+v; want a notice, and no path for the public", files)
	}
	if !strings.Contains(log.String(), "a backup could not be made") {
		t.Errorf("the log has %q", log)
	}
	if err := os.Mkdir(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	info, err := a.backups.Keep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if list, err := a.backups.List(); err != nil || len(list) != 1 || list[0].Name != info.Name {
		t.Errorf("List = %+v, %v; want %s", list, err, info.Name)
	}
	if st := a.backups.schedule.State(); st.Made != 1 || st.Failed != 1 || !st.Last.Equal(info.Time) || a.backups.health() != nil || a.backups.failed() {
		t.Errorf("state %+v, health %v; want one made, one failed, and no notice", st, a.backups.health())
	}
	if err := os.Rename(parent, parent+"-away"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.backups.Keep(t.Context()); err == nil {
		t.Error("Keep in a folder that went away made a backup")
	}
	if files := a.backups.health(); len(files) != 1 || !strings.Contains(files[0].Notice, "and none was removed") {
		t.Errorf("health = %+v; want the newest one, and that none was removed", files)
	}
	if kept, _ := filepath.Glob(filepath.Join(parent+"-away", "backups", "*")); len(kept) != 1 {
		t.Errorf("the folder has %v; want one backup", kept)
	}
}

// A stop in the middle is no failure, and does not wait for a folder that hangs.
func TestBackups_Stopped(t *testing.T) {
	a, _ := keeping(t, func(*config.Config) {})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := a.backups.Keep(ctx); err == nil {
		t.Error("Keep after the stop made a backup")
	}
	if st := a.backups.schedule.State(); st.Failed != 0 || a.backups.health() != nil {
		t.Errorf("state %+v; want no failure", st)
	}
	a.backups.cancel = func() {} // it hangs
	done := make(chan struct{})
	go func() { a.backups.stop(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("stop waits for a backup that hangs")
	}
	var none *backups
	none.stop()
}

// Of servers that share Redis one makes a backup; after a failure another one may.
func TestBackups_OneOfSeveral(t *testing.T) {
	store, err := redis.Open(t.Context(), redis.Config{Addresses: []string{testredis.New(t).Addr}, CommandTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	server := func(name string) *backups {
		a := &app{cfg: defaults(t), shared: store}
		a.cfg.Backups.Every = time.Hour
		b := a.newBackups()
		b.holder = func() string { return name }
		return b
	}
	one, two := server("one"), server("two")
	mine, done := one.turn(t.Context())
	if other, _ := two.turn(t.Context()); !mine || other {
		t.Fatalf("turns %v and %v; want the first only", mine, other)
	}
	done(false)
	mine, done = two.turn(t.Context())
	if !mine {
		t.Fatal("after a failure it is not the other server's turn")
	}
	done(true)
	if other, _ := one.turn(t.Context()); other {
		t.Error("after a backup it is the other server's turn at once")
	}
	_ = store.Close()
	if alone, _ := one.turn(t.Context()); !alone {
		t.Error("without Redis no server makes a backup")
	}
}
