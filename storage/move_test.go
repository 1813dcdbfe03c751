package storage_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// handed moves the sessions of keys from one storage to another.
func handed(t *testing.T, from, to *storage.Storage, keys ...record.Key) {
	t.Helper()
	rows := make([]record.Row, len(keys))
	for i := range keys {
		rows[i] = from.Find(keys[i].Handle())
	}
	for _, errs := range [][]error{to.Adopt(t.Context(), rows), from.Disown(t.Context(), keys)} {
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
}

// A session is in the other storage as it was in the first, also after both are opened
// again, and its deadlines go on.
func TestMove_Adopt_KeepsAll(t *testing.T) {
	clock := testkit.NewClock()
	fromCfg, toCfg := testConfig(t, clock), testConfig(t, clock)
	from, to := open(t, fromCfg), open(t, toCfg)
	k := record.KeyOf("one")
	_, err := from.Sessions().Create(t.Context(), k, record.Content{Value: []byte("value"), Subject: "ada", Idle: time.Hour}, 3*time.Hour)
	must(t, err)
	clock.Advance(10 * time.Minute)
	from.Refresh(k)
	clock.Advance(5 * time.Minute)
	handed(t, from, to, k)
	from, to = reopen(t, from, fromCfg), reopen(t, to, toCfg)
	row := to.Find(k.Handle())
	if row.State != record.Live || string(row.Value) != "value" || row.Subject != "ada" || row.Age != 15*time.Minute || row.Unused != 5*time.Minute ||
		row.IdleTimeout != time.Hour || row.Remaining != 55*time.Minute || row.AbsoluteRemaining != 165*time.Minute {
		t.Errorf("after the move: %+v; want all as it was", row)
	}
	wantStatus(t, from, k, record.None, record.NoReason)
	if st := from.Stats(); st.Sessions != 0 || st.ValueBytes != 0 || st.Ends != (storage.Ends{}) {
		t.Errorf("the source has %d sessions, %d bytes, ends %+v; want none", st.Sessions, st.ValueBytes, st.Ends)
	}
	clock.Advance(55 * time.Minute)
	wantStatus(t, to, k, record.Ended, record.Idle)
}

// Adopt replaces a live session and one that has timed out, and revives none that was ended.
func TestMove_Adopt_UsedKeys(t *testing.T) {
	clock := testkit.NewClock()
	from, to := open(t, testConfig(t, clock)), open(t, testConfig(t, clock))
	for id, before := range map[string]func(record.Key) error{
		"live":     func(record.Key) error { return nil },
		"expired":  func(record.Key) error { clock.Advance(time.Minute); return nil },
		"deleted":  func(k record.Key) error { _, err := to.End(t.Context(), k, record.Deleted); return err },
		"replaced": func(k record.Key) error { return to.Rotate(t.Context(), k, record.KeyOf("other"), nil, time.Hour) },
	} {
		k := mustCreate(t, to, id, idle20)
		must(t, before(k))
		must(t, from.Create(t.Context(), k, []byte("newer"), record.Lifetime{Idle: time.Hour}))
		err := errors.Join(to.Adopt(t.Context(), []record.Row{from.Find(k.Handle())})...)
		if ended := id == "deleted" || id == "replaced"; ended != errors.Is(err, record.ErrEnded) || !ended && err != nil {
			t.Errorf("%s: Adopt = %v; ended: %v", id, err, ended)
		} else if rec := to.Peek(k); !ended && (string(rec.Value) != "newer" || rec.Remaining != time.Hour) {
			t.Errorf("%s: %+v; want the adopted session", id, rec)
		}
	}
}

// Handles has the live sessions only.
func TestMove_Handles(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	mustCreate(t, s, "expired", idle20)
	clock.Advance(time.Minute)
	ended, k := mustCreate(t, s, "ended", idle20), mustCreate(t, s, "live", idle20)
	_, err := s.End(t.Context(), ended, record.Deleted)
	must(t, err)
	var all []record.Handle
	must(t, s.Handles(t.Context(), func(some []record.Handle) error { all = append(all, some...); return nil }))
	if !slices.Equal(all, []record.Handle{k.Handle()}) {
		t.Errorf("Handles = %v; want that of the live session only", all)
	}
	stop := errors.New("stop")
	if err := s.Handles(t.Context(), func([]record.Handle) error { return stop }); err != stop {
		t.Errorf("Handles = %v; want the error of found", err)
	}
}

// The note of a move is durable, is read without opening, and Open refuses the file until
// the note is taken away.
func TestMove_Mark(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	if m, err := storage.ReadMark(t.Context(), cfg); m != (record.Move{}) || err != nil {
		t.Errorf("ReadMark of no file = %v, %v", m, err)
	}
	s := open(t, cfg)
	k := mustCreate(t, s, "one", record.Lifetime{Idle: time.Hour})
	for _, m := range []record.Move{{Way: record.MovingTo, Place: "redis://a:6379"}, {Way: record.MovedTo, Place: "redis://a:6379"}, {Way: record.MovingFrom, Place: "redis://a:6379"}} {
		must(t, s.SetMark(t.Context(), m))
		must(t, s.Close())
		refused := (*record.MovedError)(nil)
		if other, err := storage.Open(cfg); !errors.As(err, &refused) || refused.Move != m {
			t.Fatalf("Open = %v, %v; want MovedError with %v", other, err, m)
		}
		if got, err := storage.ReadMark(t.Context(), cfg); got != m || err != nil {
			t.Errorf("ReadMark = %v, %v; want %v", got, err, m)
		}
		moving := cfg
		moving.Moving = true
		if s = open(t, moving); s.Mark() != m {
			t.Errorf("Mark = %v; want %v", s.Mark(), m)
		}
	}
	must(t, s.SetMark(t.Context(), record.Move{}))
	s = reopen(t, s, cfg)
	wantStatus(t, s, k, record.Live, record.NoReason)
}

// A released session whose storage is closed has nothing to do with it: the errors say so,
// and the session stays.
func TestMove_Disown_Closed(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	s := open(t, cfg)
	k := mustCreate(t, s, "one", record.Lifetime{Idle: time.Hour})
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if errs := s.Disown(done, []record.Key{k}); !errors.Is(errs[0], context.Canceled) {
		t.Errorf("Disown = %v; want the context's error", errs)
	}
	must(t, s.Close())
	if errs := s.Disown(t.Context(), []record.Key{k}); !errors.Is(errs[0], storage.ErrClosed) {
		t.Errorf("Disown = %v; want ErrClosed", errs)
	}
	wantStatus(t, open(t, cfg), k, record.Live, record.NoReason)
}

// Format 4 is that of a mark with a note of a move. The golden file says that its one
// session is moving.
func TestFormat_4IsReadWhole(t *testing.T) {
	clock := testkit.NewClock()
	clock.Advance(10*time.Minute + 30*time.Second)
	cfg := testConfig(t, clock)
	writeFile(t, cfg.Database, readFile(t, filepath.Join("testdata", "format-4.db")))
	cfg.Moving = true
	s := open(t, cfg)
	if want := (record.Move{Way: record.MovingTo, Place: "redis://127.0.0.1:6379"}); s.Mark() != want {
		t.Errorf("Mark = %v; want %v", s.Mark(), want)
	}
	if r := s.Peek(record.KeyOf("live")); r.State != record.Live || string(r.Value) != "value of live" || r.Remaining != time.Hour-30*time.Second {
		t.Errorf("live = %+v; want live with 59m30s left", r)
	}
	wantStatus(t, s, record.KeyOf("released"), record.None, record.NoReason)
}
