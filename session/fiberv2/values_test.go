package fiberv2_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage/record"
)

func TestCorrupt_CountsAsNone(t *testing.T) {
	for name, value := range map[string][]byte{
		"garbage": []byte("\x07\xff\x81 not gob at all"),
		"empty":   {},
		"cut":     encoded(t, map[string]any{"name": "Sonam"})[:20],
		"panics":  encoded(t, map[string]any{"bomb": bomb{}}),
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			k := newKit(t, func(c *fiberv2.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			id := k.seed(value, time.Minute, 0)
			c := k.request(id)
			for range 3 {
				if v := k.Refresh(c); v.State != record.None || !v.Cookie {
					t.Errorf("Refresh() = %+v; want none, cookie true", v)
				}
			}
			wantSent(t, "Refresh()", c, removal)
			if v := k.Peek(c); v.State != record.None {
				t.Errorf("Peek() = %v; want none", v.State)
			}
			_, err := k.Update(k.request(id), named("x"))
			wantErr(t, "Update()", err, session.ErrEnded)
			_, err = k.Rotate(k.request(id))
			wantErr(t, "Rotate()", err, session.ErrEnded)
			if got, err := k.Store().Storage.Get(id); got != nil || err != nil {
				t.Errorf("Store().Storage.Get() = %q, %v; want nil, nil", got, err)
			}
			c = k.request(id)
			if v, err := k.Start(c, named("new")); err != nil || v.Values.String("name") != "new" {
				t.Errorf("Start() = %+v, %v; want a new session", v, err)
			}
			if got := sentID(t, c); got == id {
				t.Errorf("Start() kept the id of a corrupt session")
			}
			wantLogged(t, log.String(), id)
		})
	}
}

// wantLogged checks that the log has one line, with a fingerprint and without the
// id.
func wantLogged(t *testing.T, log, id string) {
	t.Helper()
	if n := strings.Count(log, "\n"); n != 1 {
		t.Errorf("log has %d lines; want 1:\n%s", n, log)
	}
	if strings.Contains(log, id) {
		t.Errorf("log %q holds the id", log)
	}
	k := key(id)
	if want := fmt.Sprintf("session=%x ", k[:4]); !strings.Contains(log, want) {
		t.Errorf("log %q; want %q", log, want)
	}
}

func TestCorrupt_CanBeEnded(t *testing.T) {
	k := newKit(t)
	id := k.seed([]byte("garbage"), time.Minute, 0)
	if err := k.End(k.request(id)); err != nil {
		t.Errorf("End() = %v; want nil", err)
	}
	if v := k.Peek(k.request(id)); v.Reason != record.Deleted {
		t.Errorf("Peek() after End() = %v; want deleted", v.Reason)
	}
}

func TestValues_DecodedOncePerVersion(t *testing.T) {
	k := newKit(t)
	id := k.seed(encoded(t, map[string]any{"name": "Sonam", "visits": 2}), time.Minute, 0)
	for range 10 {
		if v := k.Refresh(k.request(id)); v.Values.String("name") != "Sonam" {
			t.Fatalf("Refresh() = %+v; want Sonam", v.Values)
		}
	}
	if n := k.store.called("Memoize"); n != 1 {
		t.Errorf("values memoized %d times; want 1", n)
	}
	// From now on the memo counts and not the bytes: a refresh decodes no gob.
	k.store.alter = func(rec *record.Record) { rec.Value = "garbage" }
	if v := k.Refresh(k.request(id)); v.Values.String("name") != "Sonam" {
		t.Errorf("Refresh() = %+v; want the memo", v.Values)
	}
}

// Other code may write to the store between a save and the read after it. What is
// kept beside the record must belong to that record.
func TestChange_MemoIsOfTheStoredValue(t *testing.T) {
	k := newKit(t)
	id := k.start()
	k.store.after["Replace"] = func() {
		if err := k.Store().Storage.Set(id, encoded(t, map[string]any{"name": "other"}), 0); err != nil {
			t.Errorf("Set(%q) = %v; want nil", id, err)
		}
	}
	v, err := k.Update(k.request(id), named("mine"))
	if err != nil || v.Values.String("name") != "other" {
		t.Errorf("Update() = %v, %v; want the other code's value, which is the last", v.Values, err)
	}
	if v := k.Peek(k.request(id)); v.Values.String("name") != "other" {
		t.Errorf("Peek() = %v; want the other code's value", v.Values)
	}
}

func TestChange_ValuesAreCopies(t *testing.T) {
	k := newKit(t)
	buffer := []byte("Sonam")
	c := k.request()
	list := []string{"a", "b"}
	v, err := k.Start(c, func(s *fibersession.Session) error {
		s.Set("name", unsafeString(buffer))
		s.Set("list", list)
		return nil
	})
	copy(buffer, "XXXXX")
	list[0] = "X"
	if err != nil || v.Values.String("name") != "Sonam" || v.Values.Get("list").([]string)[0] != "a" {
		t.Errorf("Start() = %v, %v; want what was set", v.Values, err)
	}
	c = k.request()
	buffer = []byte("Sonam")
	v, _ = k.Start(c, named(unsafeString(buffer)))
	copy(buffer, "XXXXX")
	again := k.Peek(c)
	if v.Values.String("name") != "Sonam" || again.Values.String("name") != "Sonam" {
		t.Errorf("Start() = %v, Peek() = %v; want Sonam", v.Values, again.Values)
	}
}

func TestChange_MemoIsWhatDecodingGives(t *testing.T) {
	all := map[string]any{
		"string": "s", "bool": true, "int": -1, "int8": int8(-8), "int16": int16(-16), "int32": int32(-32),
		"int64": int64(-64), "uint": uint(1), "uint8": uint8(8), "uint16": uint16(16), "uint32": uint32(32),
		"uint64": uint64(64), "float32": float32(1.5), "float64": 2.5, "zero": 0, "empty": "",
	}
	k := newKit(t)
	c := k.request()
	v, err := k.Start(c, func(s *fibersession.Session) error {
		for name, datum := range all {
			s.Set(name, datum)
		}
		return nil
	})
	if err != nil || v.Values.Len() != len(all) {
		t.Fatalf("Start() = %v, %v; want %v", v.Values, err, all)
	}
	k.store.alter = func(rec *record.Record) { rec.Memo = nil }
	decoded := k.Peek(c).Values
	for name, datum := range v.Values.All() {
		if got := decoded.Get(name); got != datum {
			t.Errorf("memo has %#v; decoding gives %#v", datum, got)
		}
		if datum != all[name] {
			t.Errorf("%q is %#v; want %#v", name, datum, all[name])
		}
	}
}
