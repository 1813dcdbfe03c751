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
		1500 * time.Millisecond: "2 seconds", 200 * time.Second: "200 seconds", 5*time.Minute - time.Second: "299 seconds",
		330 * time.Second: "5 minutes 30 seconds", 90 * time.Minute: "1 hour 30 minutes", 24 * time.Hour: "24 hours",
		48*time.Hour - time.Second: "47 hours 59 minutes", 48 * time.Hour: "2 days", 49 * time.Hour: "2 days 1 hour",
		720*time.Hour - time.Second: "29 days 23 hours", 720 * time.Hour: "30 days",
	} {
		if got := english.Duration(d); got != want {
			t.Errorf("Duration(%v) = %q; want %q", d, got, want)
		}
	}
}

// Each language has words for a time of any length.
func TestDuration_Languages(t *testing.T) {
	for tag, want := range map[string]string{"en": "29 days 23 hours", "de": "29 Tage 23 Stunden", "fr": "29 jours 23 heures", "es": "29 días 23 horas", "hi": "29 दिन 23 घंटे"} {
		l, err := Load(tag)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Duration(719 * time.Hour); got != want {
			t.Errorf("in %q Duration(719h) = %q; want %q", tag, got, want)
		}
	}
}

// What stands in the ring is what the script writes there, see TestBrowserElement_Times.
func TestLeft(t *testing.T) {
	english, err := Load(English)
	if err != nil {
		t.Fatal(err)
	}
	const minute, hour = 60, 3600
	for seconds, want := range map[int64]string{
		0: "0 seconds left", 1: "1 second left", 99: "99 seconds left", 100: "1:40 left", 30*minute - 1: "29:59 left", hour - 1: "59:59 left",
		hour: "1 h 00 min left", 2*hour + 5*minute: "2 h 05 min left", 48*hour - 1: "47 h 59 min left", 48 * hour: "2 d left", 720*hour - 1: "29 d left",
	} {
		if number, unit := english.Left(seconds); number+" "+unit != want {
			t.Errorf("Left(%d) = %q, %q; want %q", seconds, number, unit, want)
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
