package testkit

import (
	"flag"
	"testing"
)

// ShortWithout leaves out the tests whose names match pattern when go test
// -short is asked for, unless -skip names others. It is called in TestMain.
// What goes are crash cycles, browsers, long models and other programs: they
// take minutes, and CI runs all of them.
func ShortWithout(pattern string) {
	flag.Parse()
	if skip := flag.Lookup("test.skip"); testing.Short() && skip.Value.String() == "" {
		_ = skip.Value.Set(pattern)
	}
}
