package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/control"
	"pagesession/internal/move"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// still is a store from which nothing is handed over by itself.
type still struct{ fileVisitors }

func (s still) side() move.Side { return held{s.fileVisitors.side()} }

type held struct{ move.Side }

func (held) Handles(ctx context.Context, _ func([]record.Handle) error) error {
	<-ctx.Done()
	return ctx.Err()
}

// inTheMidst returns sessions that are moving: "old" is in the file, and "new" in Redis.
func inTheMidst(t *testing.T) (v *movableVisitors, old, fresh record.Key) {
	t.Helper()
	server := testredis.New(t)
	file, err := storage.Open(storage.Config{Database: filepath.Join(t.TempDir(), "sessions.db")})
	if err != nil {
		t.Fatal(err)
	}
	store, err := redis.Open(t.Context(), redis.Config{Addresses: []string{server.Addr}, CommandTimeout: 5 * time.Second, Moving: true})
	if err != nil {
		t.Fatal(err)
	}
	v = newMovable(still{fileVisitors{file}}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	old, fresh = record.KeyOf("old"), record.KeyOf("new")
	create := func(k record.Key) {
		t.Helper()
		if _, err := v.store.Create(t.Context(), k, record.Content{Idle: time.Hour}, 0); err != nil {
			t.Fatal(err)
		}
	}
	create(old)
	to := redisVisitors{store, "redis://" + server.Addr}
	if err := v.begin(t.Context(), to, markOf(still{fileVisitors{file}}, to), nil); err != nil {
		t.Fatal(err)
	}
	create(fresh)
	return v, old, fresh
}

// While sessions move, a list has those in the file first and then those in Redis, counts have
// both, and all can be found and ended.
func TestMovingLister(t *testing.T) {
	v, old, fresh := inTheMidst(t)
	l := v.lister()
	page, err := l.List(t.Context(), record.Query{})
	if err != nil || !l.ByPosition() || page.Total != 2 || len(page.Rows) != 2 || page.Rows[0].Key != old || page.Rows[1].Key != fresh {
		t.Errorf("List = %+v, %v; want the session in the file, then the one in Redis", page, err)
	}
	if _, err := l.List(t.Context(), record.Query{Order: record.ByUsed}); !errors.Is(err, redis.ErrQuery) {
		t.Errorf("List in another order = %v; want ErrQuery", err)
	}
	rows, err := l.FindMany(t.Context(), []record.Handle{fresh.Handle(), old.Handle()})
	if err != nil || rows[0].State != record.Live || rows[1].State != record.Live {
		t.Errorf("FindMany = %+v, %v; want both live", rows, err)
	}
	if n := v.live(); n != 2 {
		t.Errorf("live = %d; want 2", n)
	}
	if c := v.counters()(); c.Sessions != 2 || c.Creations != 2 {
		t.Errorf("counters = %d sessions, %d created; want 2 and 2", c.Sessions, c.Creations)
	}
	if n, err := l.EndAll(t.Context(), record.Revoked); n != 2 || err != nil {
		t.Errorf("EndAll = %d, %v; want 2", n, err)
	}
	if row, err := l.Find(t.Context(), old.Handle()); err != nil || row.Reason != record.Revoked {
		t.Errorf("Find = %+v, %v; want revoked", row, err)
	}
	if n := v.health()[0].Notice; !strings.Contains(n, "Sessions are moving here") {
		t.Errorf("the notice is %q; want that sessions are moving", n)
	}
}

// A second command for the same target is told how far the move is, one for another is
// refused.
func TestMoveSessions_UnderWay(t *testing.T) {
	v, _, _ := inTheMidst(t)
	a := &app{cfg: defaults(t), visitors: v, log: slog.New(slog.DiscardHandler)}
	at, _ := v.sides()
	st, err := a.moveSessions(t.Context(), control.MoveTarget{To: at.place()})
	if err != nil || st.Begun || st.Done || st.To != at.place() || st.Of != 1 {
		t.Errorf("the same target = %+v, %v; want how far it is", st, err)
	}
	if _, err := a.moveSessions(t.Context(), control.MoveTarget{To: "file"}); err == nil || !strings.Contains(err.Error(), "moving to "+at.place()) {
		t.Errorf("another target = %v; want a refusal", err)
	}
}

// What a start with the new setting would refuse is said before anything moves.
func TestMoveSessions_Refused(t *testing.T) {
	file, err := storage.Open(storage.Config{Database: filepath.Join(t.TempDir(), "sessions.db")})
	if err != nil {
		t.Fatal(err)
	}
	v := newMovable(fileVisitors{file}, slog.New(slog.DiscardHandler))
	a := &app{cfg: defaults(t), visitors: v, log: slog.New(slog.DiscardHandler)}
	a.cfg.MaxSessions = 5
	for to, want := range map[string]string{"redis://127.0.0.1:1": "--max-sessions has no effect with Redis", "nonsense": "--max-sessions"} {
		if _, err := a.moveSessions(t.Context(), control.MoveTarget{To: to}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("to %s: %v; want %q", to, err, want)
		}
	}
	a.cfg = defaults(t)
	for to, want := range map[string]string{"redis://127.0.0.1:1": "refused", "nonsense": "is not a URL of Redis"} {
		if _, err := a.moveSessions(t.Context(), control.MoveTarget{To: to, Password: "open sesame"}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("to %s: %v; want %q, without the password", to, err, want)
		}
	}
	if m := file.Mark(); m != (record.Move{}) {
		t.Errorf("the file says %q after refused moves; want nothing", m)
	}
	if st, err := a.moveSessions(t.Context(), control.MoveTarget{To: "file"}); err != nil || !st.Done {
		t.Errorf("to where they are = %+v, %v; want done", st, err)
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
}
