package app

import "testing"

// As many sessions of browsers fit as --max-sessions allows, and 1 GiB in any case.
func TestFileConfig_MaxBytes(t *testing.T) {
	for sessions, want := range map[int]int64{1: 1 << 30, 1_000_000: 1 << 30, 4 << 20: 1 << 30, 10_000_000: 2_560_000_000} {
		if got := (&app{}).fileConfig(visitorsFile, sessions, 0, 0).MaxBytes; got != want {
			t.Errorf("with %d sessions MaxBytes = %d; want %d", sessions, got, want)
		}
	}
}
