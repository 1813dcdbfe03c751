package messages

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 22, 22, 22, 5, 400, time.UTC)

// newSealer returns a sealer whose clock is what now points at.
func newSealer(t testing.TB, fill byte, now *time.Time) *Sealer {
	t.Helper()
	s, err := NewSealer(bytes.Repeat([]byte{fill}, KeySize), func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func largest() []Message {
	m := Message{Error, strings.Repeat("k", MaxKey), []int64{math.MinInt64, -1, math.MaxInt64}}
	return []Message{m, m, m, m}
}

func TestSeal_OpenGivesItBack(t *testing.T) {
	now := epoch
	s := newSealer(t, 1, &now)
	for _, ms := range [][]Message{
		{{Success, "timeout.changed", []int64{60000}}},
		{{Debug, "a", nil}, {Info, "b-c_d.9", nil}, {Warning, "w", []int64{0}}},
		largest(),
		nil,
	} {
		value, err := s.Seal(ms...)
		if err != nil {
			t.Fatalf("Seal(%v) = %v", ms, err)
		}
		if len(value) > maxValue+1 || strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			t.Errorf("Seal(%v) = %d characters, %q; want at most %d that a cookie may have", ms, len(value), value, maxValue+1)
		}
		if got := s.Open(value); !reflect.DeepEqual(got, ms) {
			t.Errorf("Open(Seal(%v)) = %v", ms, got)
		}
	}
}

func TestSeal_Bounds(t *testing.T) {
	now := epoch
	s := newSealer(t, 1, &now)
	for _, ms := range [][]Message{
		append(largest(), Message{Info, "x", nil}),
		{{Info, "", nil}},
		{{Info, strings.Repeat("k", MaxKey+1), nil}},
		{{Info, "Upper", nil}},
		{{Info, "a text", nil}},
		{{Info, "<b>", nil}},
		{{Info, "k", []int64{1, 2, 3, 4}}},
		{{Error + 1, "k", nil}},
	} {
		if value, err := s.Seal(ms...); value != "" || !errors.Is(err, ErrBounds) {
			t.Errorf("Seal(%v) = %q, %v; want nothing, ErrBounds", ms, value, err)
		}
	}
}

// Every bit of a value matters, and so does every character that is missing or
// too many.
func TestOpen_ForgedOrCut(t *testing.T) {
	now := epoch
	s := newSealer(t, 1, &now)
	value, err := s.Seal(Message{Success, "timeout.changed", []int64{60000}})
	if err != nil {
		t.Fatal(err)
	}
	forged := []string{"", "x", value + "A", value + "=", " " + value, value + "." + value, value + value,
		strings.ToUpper(value), "\x00", strings.Repeat("A", 4096), strings.Repeat("A", maxValue)}
	for i := range value {
		forged = append(forged, value[:i], value[i+1:])
	}
	whole, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(whole) * 8 {
		b := bytes.Clone(whole)
		b[i/8] ^= 1 << (i % 8)
		forged = append(forged, base64.RawURLEncoding.EncodeToString(b))
	}
	for _, v := range forged {
		if got := s.Open(v); got != nil {
			t.Errorf("Open(%.60q) = %v; want none", v, got)
		}
	}
	if got := newSealer(t, 2, &now).Open(value); got != nil {
		t.Errorf("another key opens it: %v", got)
	}
}

func TestOpen_Age(t *testing.T) {
	for _, tt := range []struct {
		age  time.Duration
		want bool
	}{
		{0, true}, {time.Second, true}, {MaxAge - time.Second, true}, {MaxAge + time.Second, false}, {time.Hour, false},
		{-30 * time.Second, true}, {-2 * time.Minute, false}, {-time.Hour, false},
	} {
		now := epoch
		s := newSealer(t, 1, &now)
		value, _ := s.Seal(Message{Info, "k", nil})
		now = epoch.Add(tt.age)
		if got := s.Open(value) != nil; got != tt.want {
			t.Errorf("after %v Open gives messages: %v; want %v", tt.age, got, tt.want)
		}
	}
}

func TestNewSealer_Key(t *testing.T) {
	for _, n := range []int{0, 1, KeySize - 1, KeySize + 1} {
		if _, err := NewSealer(make([]byte, n), time.Now); err == nil {
			t.Errorf("NewSealer with a key of %d bytes = nil; want an error", n)
		}
	}
	if a, b := NewKey(), NewKey(); len(a) != KeySize || bytes.Equal(a, b) {
		t.Errorf("NewKey = %x, %x; want two different ones of %d bytes", a, b, KeySize)
	}
}

func TestLevel_String(t *testing.T) {
	for l, want := range map[Level]string{Debug: "debug", Info: "info", Success: "success", Warning: "warning", Error: "error", 9: "info"} {
		if got := l.String(); got != want {
			t.Errorf("Level(%d) = %q; want %q", l, got, want)
		}
	}
}

// FuzzDecode holds that only what encode makes is accepted, and that nothing
// a visitor can send makes trouble.
func FuzzDecode(f *testing.F) {
	for _, ms := range [][]Message{nil, {{Success, "timeout.changed", []int64{60000}}}, largest()} {
		b, err := encode(epoch, ms)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)-1])
		f.Add(append(b, 0))
	}
	now := epoch
	s := newSealer(f, 1, &now)
	f.Fuzz(func(t *testing.T, b []byte) {
		if ms := s.Open(string(b)); ms != nil {
			t.Errorf("Open(%q) = %v; want none", b, ms)
		}
		made, ms, ok := decode(b)
		if !ok {
			return
		}
		again, err := encode(made, ms)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("decode(%x) = %v, which encodes to %x, %v", b, ms, again, err)
		}
	})
}
