package storage

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/storage/record"
)

// When a change is taken back, changes that were decided on it are taken back too,
// except ends.
func TestUndo_TakesWhatWasDecidedOnIt(t *testing.T) {
	a, b, c := record.KeyOf("a"), record.KeyOf("b"), record.KeyOf("c")
	for name, tc := range map[string]struct {
		given, next *change
		a           record.State
		err         error // what next returns
	}{
		"create, replace": {&change{kind: create, key: b}, &change{kind: replace, key: b}, record.Live, ErrUnavailable},
		"create, rotate":  {&change{kind: create, key: b}, &change{kind: rotate, key: b, to: c}, record.Live, ErrUnavailable},
		"replace, upsert": {&change{kind: replace, key: a}, &change{kind: upsert, key: a}, record.Live, ErrUnavailable},
		"replace, rotate": {&change{kind: replace, key: a}, &change{kind: rotate, key: a, to: b}, record.Live, ErrUnavailable},
		"rotate, replace": {&change{kind: rotate, key: a, to: b}, &change{kind: replace, key: b}, record.Live, ErrUnavailable},
		"rotate, rotate":  {&change{kind: rotate, key: a, to: b}, &change{kind: rotate, key: b, to: c}, record.Live, ErrUnavailable},
		"replace, finish": {&change{kind: replace, key: a}, &change{kind: finish, key: a, reason: record.Deleted}, record.Ended, nil},
		"of another":      {&change{kind: replace, key: a}, &change{kind: create, key: c}, record.Live, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := openQuiet(t)
				if err := s.Create(context.Background(), a, []byte("old"), record.Lifetime{Idle: time.Hour}); err != nil {
					t.Fatal(err)
				}
				for _, ch := range []*change{tc.given, tc.next} {
					ch.waiter, ch.value, ch.idle = newWaiter().(*waiter), "new", 3_600_000
					ch.state.Store(taken)
				}
				w := s.writer
				batch := w.begin([]*change{tc.given, tc.next}, false)
				if err := w.update(batch); err != nil {
					t.Fatal(err)
				}
				tc.given.state.Store(abandoned)
				w.publish(batch)
				w.takeBack(batch)
				if tc.next.err == nil != (tc.err == nil) || !errors.Is(tc.next.err, tc.err) {
					t.Errorf("the change behind = %v; want %v", tc.next.err, tc.err)
				}
				if r := s.Peek(a); r.State != tc.a || r.State == record.Live && string(r.Value) != "old" {
					t.Errorf("a is %v %q; want %v", r.State, r.Value, tc.a)
				}
				for _, k := range []record.Key{a, b, c} {
					wantLiveAfterCrash(t, s, k)
				}
				syncNow(t, s)
				want := int(s.index.Count.Load())
				if got := entries(t, s, "records"); got != want {
					t.Errorf("%d records in the file; want %d", got, want)
				}
			})
		})
	}
}

// wantLiveAfterCrash opens what the disk has now, and checks which sessions are
// live.
func wantLiveAfterCrash(t *testing.T, s *Storage, k record.Key) {
	t.Helper()
	cfg := s.cfg
	cfg.Database = copied(t, cfg.Database)
	after := openWith(t, cfg)
	want, got := s.Peek(k), after.Peek(k)
	if (got.State == record.Live) != (want.State == record.Live) || string(got.Value) != string(want.Value) {
		t.Errorf("after a crash %v %q; want %v %q", got.State, got.Value, want.State, want.Value)
	}
}
