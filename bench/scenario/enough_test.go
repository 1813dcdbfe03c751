package scenario

import (
	"strings"
	"testing"
)

// What the machine is too small for is said before a session is written.
func TestEnough(t *testing.T) {
	const gib = 1 << 30
	for _, tc := range []struct {
		name         string
		sizes        []int
		memory, room uint64
		want         string // of the error; "": none
	}{
		{"fits", []int{1_000, 1_000_000}, 2 * gib, 2 * gib, ""},
		{"memory", []int{1_000, 1_000_000}, gib, 2 * gib, "1,000,000 sessions need about 1465 MiB of memory, 1024 MiB are free; choose smaller -sizes"},
		{"disk", []int{1_000_000, 2_000_000}, 4 * gib, gib, "3,000,000 sessions need about 1942 MiB of disk"},
	} {
		err := enough("smaller -sizes", tc.sizes, tc.memory, tc.room)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: enough = %v; want %q", tc.name, err, tc.want)
		}
	}
}

func TestScale_ListIsTooLongForWrk(t *testing.T) {
	o := scaleScenario().options()
	o.Sizes, o.Client = []int{3_000_000}, "wrk"
	b := &Bench{Options: &o, dir: t.TempDir()}
	if err := b.enough(); err == nil || !strings.Contains(err.Error(), "-client own") {
		t.Errorf("enough = %v; want to choose the own client", err)
	}
	if got := clientFor("auto", 3_000_000); got != "own" {
		t.Errorf("clientFor(auto) = %q; want own", got)
	}
	if got := clientFor("auto", maxWrkList); got != "auto" {
		t.Errorf("clientFor(auto) of a short list = %q; want auto", got)
	}
}
