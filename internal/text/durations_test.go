package text

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	english, err := Load(English)
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range map[time.Duration]string{
		time.Second: "1 second", 20 * time.Second: "20 seconds", time.Minute: "60 seconds",
		90 * time.Second: "90 seconds", 2 * time.Minute: "2 minutes", time.Hour: "1 hour", 12 * time.Hour: "12 hours",
		1500 * time.Millisecond: "2 seconds",
	} {
		if got := english.Duration(d); got != want {
			t.Errorf("Duration(%v) = %q; want %q", d, got, want)
		}
	}
}

func TestShortDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 999 * time.Millisecond: "0 s", time.Second: "1 s", time.Minute - 1: "59 s",
		time.Minute: "1 min", 61 * time.Second: "1 min 1 s", time.Hour: "1 h", 61 * time.Minute: "1 h 1 min",
		24*time.Hour - 1: "23 h 59 min", 24 * time.Hour: "1 d", 47*time.Hour + 59*time.Minute: "1 d 23 h", 30 * 24 * time.Hour: "30 d",
	} {
		if got := ShortDuration(d); got != want {
			t.Errorf("ShortDuration(%v) = %q; want %q", d, got, want)
		}
	}
}

func TestPlural(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 sessions", 1: "1 session", 2: "2 sessions", 999: "999 sessions",
		1000: "1\u202f000 sessions", -1234567: "-1\u202f234\u202f567 sessions",
	} {
		if got := Plural(n, "session"); got != want {
			t.Errorf("Plural(%d) = %q; want %q", n, got, want)
		}
	}
	if got := Plural(2, "entry", "entries"); got != "2 entries" {
		t.Errorf("Plural(2, entry, entries) = %q", got)
	}
}
