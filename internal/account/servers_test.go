package account_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
	"pagesession/internal/testkit/postgres"
)

// demotions is how often two servers try to demote the last two superusers.
const demotions = 500

// Two servers that demote the last two superusers at the same time leave one of them.
func TestLastSuperuser_TwoServers(t *testing.T) {
	b := open(t)
	other := openWith(t, b.cfg, b.clock)
	ada, eve := b.superuser("ada"), b.superuser("eve")
	for round := range demotions {
		var done sync.WaitGroup
		var errs [2]error
		for i, s := range []*bench{b, other} {
			done.Go(func() { _, errs[i] = s.SetActive(t.Context(), cli, []uint64{ada.ID, eve.ID}[i], false) })
		}
		done.Wait()
		if has := must(b.HasSuperuser(t.Context())); !has {
			t.Fatalf("round %d: no superuser is left: %v", round, errs)
		}
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("round %d: %v; want one of them refused", round, errs)
		}
		wantErr(t, fmt.Sprint("round ", round), errors.Join(errs[:]...), account.ErrLastSuperuser)
		for _, u := range []account.User{ada, eve} {
			if _, err := b.SetActive(t.Context(), cli, u.ID, true); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A user who is disabled on one server is out on the others within a second.
func TestValid_OtherServer(t *testing.T) {
	b := open(t)
	other := openWith(t, b.cfg, b.clock)
	b.superuser("root")
	u := b.staff("ada")
	if _, ok := other.valid(u); !ok {
		t.Fatal("ada cannot go on")
	}
	if _, err := b.SetActive(t.Context(), cli, u.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.valid(u); ok {
		t.Error("ada goes on where she was disabled")
	}
	b.clock.Advance(account.CacheTime)
	if _, ok := other.valid(u); ok {
		t.Error("ada goes on elsewhere after a second")
	}
}

// On PostgreSQL the other servers are told. The clock stands still in this test.
func TestPostgres_ValidIsNotified(t *testing.T) {
	c := testkit.NewClock()
	cfg := account.Config{URL: cluster.Server(t).Database(t), Now: c.Now, Logger: discard}.Cheap()
	b, other := openWith(t, cfg, c), openWith(t, cfg, c)
	b.superuser("root")
	u := b.staff("ada")
	for round := range 5 {
		eventually(t, "ada goes on", func() bool { _, ok := other.valid(u); return ok })
		if _, err := b.SetActive(t.Context(), cli, u.ID, false); err != nil {
			t.Fatal(err)
		}
		eventually(t, fmt.Sprint("ada is out, round ", round), func() bool { _, ok := other.valid(u); return !ok })
		if _, err := b.SetActive(t.Context(), cli, u.ID, true); err != nil {
			t.Fatal(err)
		}
		u = b.user(u.ID)
	}
}

// A PostgreSQL that is killed under load and comes back: everything goes on without a
// restart, what was answered is there, and nothing is half done.
func TestPostgres_KilledUnderLoad(t *testing.T) {
	server := postgres.New(t)
	b := openWith(t, account.Config{URL: server.Database(t), Logger: discard}.Cheap(), testkit.NewClock())
	b.root = b.superuser("root")
	var stop atomic.Bool
	var load sync.WaitGroup
	answered := make([][]string, 4)
	for i := range answered {
		load.Go(func() {
			for n := 0; !stop.Load() && n < 200; n++ {
				name := fmt.Sprintf("group-%d-%d", i, n)
				_, err := b.CreateGroup(t.Context(), cli, account.Group{Name: name})
				if err == nil {
					answered[i] = append(answered[i], name)
					continue
				}
				wantErr(t, name, err, account.ErrUnavailable)
				time.Sleep(20 * time.Millisecond) // as clients do
			}
		})
	}
	eventually(t, "some changes are made", func() bool { return must(b.Groups(t.Context(), account.GroupQuery{})).Total > 20 })
	server.Kill(t)
	eventually(t, "it is noticed", func() bool { _, err := b.Health(); return err != nil })
	_, err := b.HasSuperuser(t.Context())
	wantErr(t, "HasSuperuser", err, account.ErrUnavailable)
	server.Start(t)
	eventually(t, "it goes on", b.usable)
	stop.Store(true)
	load.Wait()
	for _, names := range answered {
		for _, name := range names {
			if _, err := b.GroupByName(t.Context(), name); err != nil {
				t.Errorf("%s was answered: %v", name, err)
			}
		}
	}
	checkWhole(t, b.Store)
}

// A PostgreSQL that is down at the start is used as soon as it is there.
func TestPostgres_DownAtStart(t *testing.T) {
	server := postgres.New(t)
	url := server.Database(t)
	server.Stop(t)
	b := openWith(t, account.Config{URL: url, Logger: discard}.Cheap(), testkit.NewClock())
	has, err := b.HasSuperuser(t.Context())
	if wantErr(t, "HasSuperuser", err, account.ErrUnavailable); has {
		t.Error("a superuser out of nothing")
	}
	server.Start(t)
	eventually(t, "it is used", func() bool { _, err := b.HasSuperuser(t.Context()); return err == nil })
	b.superuser("root")
}
