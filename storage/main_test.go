package storage_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"pagesession/internal/testkit"
)

// TestMain runs the tests, or the child process that a test has started from this
// binary to kill, cut off or trace it. It fails if a goroutine is left over.
func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		crashChild(path)
		return
	}
	if path := os.Getenv(fullEnv); path != "" {
		fullChild(path)
		return
	}
	if path := os.Getenv(bootEnv); path != "" {
		bootChild(path)
		return
	}
	testkit.ShortWithout("^Test(Crash|Replay|Powercut|Model|Race|Damage|Sweep_OfMany|All_)")
	// fasthttp keeps the goroutine for its Date header until the process ends.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}
