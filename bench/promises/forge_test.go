//go:build linux

package promises

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// A header that has an id as it was issued is no forgery, however it is written.
func TestIssuedIn(t *testing.T) {
	const id, other, live = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "BBCDEFGHIJKLMNOPQRSTUVWXYZ", "CBCDEFGHIJKLMNOPQRSTUVWXYZ"
	for header, want := range map[string]bool{
		"sessionid=" + id:                           true,
		"a=b;\tsessionid = \"" + id + "\" ; c=d":    true,
		"x=1\r\nCookie: sessionid=" + id:            true,
		"sessionid=a\\b; sessionid=" + id:           true, // the first is no value of a cookie
		"sessionid=" + other:                        false,
		"sessionid=" + id + "; sessionid=" + id:     true,
		"sessionid=" + other + "; sessionid=" + id:  true,
		"sessionid=" + id + "; sessionid=" + live:   false,
		"sessionid=\"" + live + "; sessionid=" + id: true, // the first is no value of a cookie
		"sessionid=" + id + "x":                     false,
		"SESSIONID=" + id:                           false,
		"sessionid=" + strings.ToLower(id):          false,
		"":                                          false,
	} {
		if got := issuedIn(header, id, live); got != want {
			t.Errorf("issuedIn(%q) = %t; want %t", header, got, want)
		}
	}
}

// A mutated id is another one, and no forged header ends early.
func TestForge(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x, y := randomID(rng), randomID(rng)
	kept := 0
	for range 20_000 {
		if got := mutate(rng, x); got == x {
			kept++ // the same character by chance
		}
		header := forge(rng, x, y)
		for _, line := range strings.Split(header, "\r\n")[1:] {
			if !strings.HasPrefix(strings.ToLower(line), "cookie:") {
				t.Fatalf("forge() = %q, which ends the header", header)
			}
		}
	}
	if kept > 1000 {
		t.Errorf("%d of 20,000 mutations left the id as it was", kept)
	}
}
