package fresh_test

import (
	"testing"
	"time"

	"pagesession/internal/fresh"
)

func TestIs(t *testing.T) {
	const life = 5 * time.Minute
	made := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]bool{
		0: true, life - 1: true, life: false, time.Hour: false, -time.Minute: true, -time.Minute - 1: false,
	} {
		if got := fresh.Is(made, made.Add(age), life); got != want {
			t.Errorf("Is after %v = %t; want %t", age, got, want)
		}
	}
	if fresh.Is(time.Time{}, time.Time{}, life) {
		t.Error("the zero Time counts")
	}
}
