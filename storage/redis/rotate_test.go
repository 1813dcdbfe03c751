package redis_test

import (
	"testing"
	"time"

	"pagesession/storage/record"
)

// A crash between the steps of a rotation leaves the session under one of its keys.
func TestStore_Rotate_Crash(t *testing.T) {
	s := open(t, on(shared.Server(t)))
	c := content("moved", time.Hour)
	c.Subject = "ada"

	t.Run("before it happened", func(t *testing.T) {
		from, to := created(t, s, content("value", time.Hour), 0), newKey()
		if err := s.Prepare(t.Context(), from, to, c); err != nil {
			t.Fatal(err)
		}
		for name, rec := range map[string]record.Record{"Peek": peek(t, s, to), "Refresh": refreshed(t, s, to)} {
			if rec.State != record.None {
				t.Errorf("%s of the new key = %v; want none", name, rec.State)
			}
		}
		if ended, err := s.End(t.Context(), to, record.Deleted); ended || err != nil {
			t.Errorf("End of the new key = %v, %v; want false", ended, err)
		}
		if rec := refreshed(t, s, from); string(rec.Value) != "value" {
			t.Errorf("Refresh of the old key = %+v; want the session", rec)
		}
		if ended, err := s.End(t.Context(), from, record.Deleted); !ended || err != nil {
			t.Errorf("End of the old key = %v, %v; want true", ended, err)
		}
		if rec := peek(t, s, to); rec.State != record.None {
			t.Errorf("Peek of the new key after the end = %v; want none", rec.State)
		}
	})

	for name, look := range map[string]func(*testing.T, record.Key) record.Record{
		"Peek":    func(t *testing.T, k record.Key) record.Record { return peek(t, s, k) },
		"Refresh": func(t *testing.T, k record.Key) record.Record { return refreshed(t, s, k) },
		"Replace": func(t *testing.T, k record.Key) record.Record {
			rec, err := s.Replace(t.Context(), k, 0, c)
			if err != nil {
				t.Errorf("Replace = %v", err)
			}
			return rec
		},
	} {
		t.Run("after it happened, then "+name, func(t *testing.T) {
			from, to := created(t, s, content("value", time.Hour), 0), newKey()
			if err := s.Prepare(t.Context(), from, to, c); err != nil {
				t.Fatal(err)
			}
			if err := s.Commit(t.Context(), from, to); err != nil {
				t.Fatal(err)
			}
			if rec := peek(t, s, from); rec.State != record.Ended || rec.Reason != record.Replaced {
				t.Errorf("Peek of the old key = %v %v; want ended replaced", rec.State, rec.Reason)
			}
			if rec := look(t, to); rec.State != record.Live || string(rec.Value) != "moved" {
				t.Errorf("the new key has %+v; want the session", rec)
			}
		})
	}

	t.Run("after it happened, then End", func(t *testing.T) {
		from, to := created(t, s, content("value", time.Hour), 0), newKey()
		if err := s.Prepare(t.Context(), from, to, c); err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(t.Context(), from, to); err != nil {
			t.Fatal(err)
		}
		if ended, err := s.End(t.Context(), to, record.Revoked); !ended || err != nil {
			t.Errorf("End = %v, %v; want true", ended, err)
		}
		if rec := peek(t, s, to); rec.Reason != record.Revoked {
			t.Errorf("Peek = %v %v; want ended revoked", rec.State, rec.Reason)
		}
	})
}
