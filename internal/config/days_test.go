package config

import (
	"testing"
	"time"
)

func TestDays(t *testing.T) {
	k := days(400*day, "no limit")
	for in, want := range map[string]time.Duration{"400d": 400 * day, "1d": day, "0": 0, "0d": 0, "48h": 2 * day, "36h": 36 * time.Hour, "36500d": 36_500 * day} {
		d, err := k.parse(in)
		if err != nil || d != want {
			t.Errorf("parse(%q) = %v, %v; want %v", in, d, err, want)
		}
		if again, err := k.parse(k.show(d)); err != nil || again != d {
			t.Errorf("parse(show(%v)) = parse(%q) = %v, %v; want the same", d, k.show(d), again, err)
		}
	}
	if got := k.show(400 * day); got != "400d" {
		t.Errorf("show(400 days) = %q; want 400d", got)
	}
}
