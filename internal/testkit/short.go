package testkit

import (
	"flag"
	"testing"
)

// ShortWithout makes go test -short skip the tests whose names match pattern, unless
// -skip is set. Call it in TestMain. Skipped are tests that take minutes: crash cycles,
// browsers, long models and other programs. CI runs all of them.
func ShortWithout(pattern string) {
	flag.Parse()
	if skip := flag.Lookup("test.skip"); testing.Short() && skip.Value.String() == "" {
		_ = skip.Value.Set(pattern)
	}
}
