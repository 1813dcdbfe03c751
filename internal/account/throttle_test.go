package account_test

import (
	"fmt"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// A million names of an attacker take bounded memory.
func TestThrottle_MemoryIsBounded(t *testing.T) {
	th := account.NewThrottle(100)
	now := testkit.NewClock().Now()
	for i := range 1000 {
		th.Fail(now, fmt.Sprint("name", i))
		now = now.Add(time.Millisecond)
	}
	if th.Len() > 100 {
		t.Errorf("%d keys; want at most 100", th.Len())
	}
	// The newest failures are kept.
	for range 9 {
		th.Fail(now, "name999")
	}
	if wait := th.Fail(now, "name999"); wait == 0 {
		t.Error("the newest key was forgotten")
	}
	// Expired failures make room for all others.
	th.Fail(now.Add(5*time.Minute), "next")
	if th.Len() != 1 {
		t.Errorf("%d keys when all are over; want 1", th.Len())
	}
}

// The window slides: each failure counts for five minutes.
func TestThrottle_WindowSlides(t *testing.T) {
	th := account.NewThrottle(100)
	now := testkit.NewClock().Now()
	for range 10 {
		if wait := th.Fail(now, "ada"); wait != 0 {
			t.Fatalf("wait %v before ten failures", wait)
		}
		now = now.Add(20 * time.Second)
	}
	for range 3 { // asking again does not make it longer
		if wait := th.Fail(now, "ada"); wait != 100*time.Second {
			t.Fatalf("wait %v; want 100s", wait)
		}
	}
	now = now.Add(100*time.Second - time.Millisecond)
	if wait := th.Fail(now, "ada"); wait != time.Millisecond {
		t.Errorf("wait %v; want 1ms", wait)
	}
	now = now.Add(time.Millisecond)
	if wait := th.Fail(now, "ada"); wait != 0 {
		t.Errorf("wait %v; want none", wait)
	}
	if wait := th.Fail(now, "ada"); wait != 20*time.Second {
		t.Errorf("wait %v after one more; want 20s", wait)
	}
}
