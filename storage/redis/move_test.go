package redis_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// rowOf is a session of another store.
func rowOf(k record.Key, value string) record.Row {
	return record.Row{
		Handle: k.Handle(), State: record.Live, Key: k, Value: value, Subject: "ada",
		Age: 15 * time.Minute, Unused: 5 * time.Minute, IdleTimeout: time.Hour, Remaining: 55 * time.Minute, AbsoluteRemaining: 165 * time.Minute,
	}
}

func adopted(t *testing.T, s *redis.Store, rows ...record.Row) {
	t.Helper()
	if err := errors.Join(s.Adopt(t.Context(), rows)...); err != nil {
		t.Fatalf("Adopt = %v", err)
	}
}

// near reports whether a duration is want, or at most 5 s more or, for what is left, less.
func near(got, want, off time.Duration) bool {
	return got >= want+min(off, 0) && got <= want+max(off, 0)
}

// A session is in Redis as it was elsewhere, for all servers, and never lives longer.
func TestMove_Adopt_KeepsAll(t *testing.T) {
	t.Parallel()
	cfg := on(shared.Server(t))
	s, other, k := open(t, cfg), open(t, cfg), newKey()
	adopted(t, s, rowOf(k, "value"))
	row, err := other.Find(t.Context(), k.Handle())
	if err != nil || row.State != record.Live || string(row.Value) != "value" || row.Subject != "ada" || row.IdleTimeout != time.Hour ||
		!near(row.Age, 15*time.Minute, 5*time.Second) || !near(row.Remaining, 55*time.Minute, -5*time.Second) || !near(row.AbsoluteRemaining, 165*time.Minute, -5*time.Second) {
		t.Errorf("Find = %+v, %v; want the session as it was", row, err)
	}
	if rows, err := other.OfSubject(t.Context(), "ada"); err != nil || len(rows) != 1 {
		t.Errorf("OfSubject = %d, %v; want 1", len(rows), err)
	}
	if rec := refreshed(t, other, k); !near(rec.Remaining, time.Hour, -5*time.Second) {
		t.Errorf("after a refresh %v are left; want an hour", rec.Remaining)
	}
	short := rowOf(newKey(), "short")
	short.Remaining = 300 * time.Millisecond
	endless := record.Row{Key: newKey(), Value: "endless", Age: time.Hour}
	adopted(t, s, short, endless)
	if rec := peek(t, s, endless.Key); rec.State != record.Live || rec.Remaining != 0 || rec.AbsoluteRemaining != 0 {
		t.Errorf("without timeouts: %+v; want live without an end", rec)
	}
	until(t, "the short one ends", func() bool { return peek(t, other, short.Key).State == record.Ended })
}

// Adopt replaces a live session and one that has timed out, and revives none that was ended.
func TestMove_Adopt_UsedKeys(t *testing.T) {
	t.Parallel()
	s := open(t, on(shared.Server(t)))
	for id, before := range map[string]func(record.Key) error{
		"live": func(record.Key) error { return nil },
		"expired": func(k record.Key) error {
			until(t, "it ends", func() bool { return peek(t, s, k).State == record.Ended })
			return nil
		},
		"buried": func(k record.Key) error {
			until(t, "it ends", func() bool { return peek(t, s, k).State == record.Ended })
			_, err := s.SweepTag(t.Context(), k)
			return err
		},
		"deleted": func(k record.Key) error { _, err := s.End(t.Context(), k, record.Deleted); return err },
		"replaced": func(k record.Key) error {
			_, err := s.Rotate(t.Context(), k, newKey(), 0, content("", time.Hour))
			return err
		},
	} {
		k := created(t, s, content("older", 300*time.Millisecond), 0)
		if err := before(k); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		err := errors.Join(s.Adopt(t.Context(), []record.Row{rowOf(k, "newer")})...)
		if ended := id == "deleted" || id == "replaced"; ended != errors.Is(err, record.ErrEnded) || !ended && err != nil {
			t.Errorf("%s: Adopt = %v; ended: %v", id, err, ended)
		} else if rec := peek(t, s, k); !ended && string(rec.Value) != "newer" {
			t.Errorf("%s: %+v; want the adopted session", id, rec)
		}
	}
}

// A released session is unknown, and has left the index and its subject.
func TestMove_Disown(t *testing.T) {
	t.Parallel()
	s := open(t, on(shared.Server(t)))
	stays, goes := rowOf(newKey(), "stays"), rowOf(newKey(), "goes")
	adopted(t, s, stays, goes)
	for range 2 { // the second finds no live session
		if err := errors.Join(s.Disown(t.Context(), []record.Key{goes.Key})...); err != nil {
			t.Errorf("Disown = %v", err)
		}
	}
	if rec := peek(t, s, goes.Key); rec.State != record.None {
		t.Errorf("Peek = %v; want none", rec.State)
	}
	var all []record.Handle
	err := s.Handles(t.Context(), func(some []record.Handle) error { all = append(all, some...); return nil })
	if err != nil || !slices.Equal(all, []record.Handle{stays.Key.Handle()}) {
		t.Errorf("Handles = %v, %v; want one", all, err)
	}
	if rows, err := s.OfSubject(t.Context(), "ada"); err != nil || len(rows) != 1 || rows[0].Key != stays.Key {
		t.Errorf("OfSubject = %d rows, %v; want the one that stays", len(rows), err)
	}
}

// Open refuses a Redis whose sessions move, until the note is taken away.
func TestMove_Mark(t *testing.T) {
	t.Parallel()
	cfg := on(shared.Server(t))
	s := open(t, cfg)
	if got, err := s.Mark(t.Context()); got != (record.Move{}) || err != nil {
		t.Errorf("Mark = %v, %v; want none", got, err)
	}
	for _, m := range []record.Move{{Way: record.MovingTo, Place: "file"}, {Way: record.MovedTo, Place: "file"}} {
		if err := s.SetMark(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		refused := (*record.MovedError)(nil)
		if _, err := redis.Open(t.Context(), cfg); !errors.As(err, &refused) || refused.Move != m {
			t.Errorf("Open = %v; want MovedError with %v", err, m)
		}
		moving := cfg
		moving.Moving = true
		if got, err := open(t, moving).Mark(t.Context()); got != m || err != nil {
			t.Errorf("Mark = %v, %v; want %v", got, err, m)
		}
	}
	if err := s.SetMark(t.Context(), record.Move{}); err != nil {
		t.Fatal(err)
	}
	open(t, cfg)
}
