package main

import "testing"

func TestFirstMirror(t *testing.T) {
	const other, debian, unread = "Other|http://other/debian|bookworm|bookworm\n", "Debian|http://one/x|bookworm|stable\n", "|http://two/debian/||trixie\n"
	for targets, want := range map[string][2]string{
		other + debian + unread:             {"http://one/x", "bookworm"},
		unread:                              {"http://two/debian/", "trixie"},
		"Debian|http://one/x||bookworm\n":   {"http://one/x", "bookworm"},
		other + "|http://two/security||b\n": {},
		"":                                  {},
	} {
		mirror, suite, ok := firstMirror(targets)
		if mirror != want[0] || suite != want[1] || ok != (want[0] != "") {
			t.Errorf("firstMirror(%q) = %q, %q, %v; want %q", targets, mirror, suite, ok, want)
		}
	}
}
