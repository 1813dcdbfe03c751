package storetest_test

import (
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/session/storetest"
)

func memory(delay time.Duration, errors float64) func(*testing.T) storetest.Harness {
	return func(t *testing.T) storetest.Harness {
		t.Parallel()
		clock := testkit.ClockAt(time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC))
		return storetest.Harness{
			Store:   &storetest.Memory{Now: clock.Now, Delay: delay, Errors: errors},
			Advance: clock.Advance,
		}
	}
}

func TestMemory(t *testing.T) { storetest.Run(t, memory(0, 0)) }

// The store is slow like a network, and one call in ten fails.
func TestMemory_SlowAndFailing(t *testing.T) { storetest.Run(t, memory(time.Millisecond, 0.1)) }

// Ends are in force whether the disk knows or not.
func TestMemory_NotDurable(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		h := memory(0, 0)(t)
		h.Store.(*storetest.Memory).NotDurable = true
		return h
	})
}
