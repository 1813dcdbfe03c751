//go:build linux

package promises

import (
	"errors"
	"testing"
	"time"

	"pagesession/bench/scenario"
)

// An attack whose time is over ends after the cycle that runs, and has at least one.
func TestEach_EndsInTime(t *testing.T) {
	for _, tc := range []struct {
		name  string
		until time.Time
		want  int
	}{
		{"no limit", time.Time{}, 3},
		{"time left", time.Now().Add(time.Hour), 3},
		{"over", time.Now().Add(-time.Second), 1},
	} {
		a := &arena{ctx: t.Context(), ledger: newLedger(), cycles: 3, until: tc.until, say: func(int) {}}
		ran := 0
		if err := a.each(func(int) error { ran++; return nil }); err != nil || ran != tc.want {
			t.Errorf("%s: each ran %d cycles, %v; want %d", tc.name, ran, err, tc.want)
		}
	}
}

func TestParse_Within(t *testing.T) {
	if o, err := parse([]string{"-within", "90s"}); err != nil || o.within != 90*time.Second {
		t.Errorf("parse = %v, %v; want 1m30s", o.within, err)
	}
	if _, err := parse([]string{"-within", "-1s"}); !errors.Is(err, scenario.ErrUsage) {
		t.Errorf("parse of a negative time = %v; want ErrUsage", err)
	}
}
