package console_test

import (
	"strings"
	"testing"
)

// Before the sign-in the answer is the sign-in page, whatever the address: it does
// not reveal what exists.
func TestGuard_WhatIsNotThere(t *testing.T) {
	d := openConsole(t)
	for _, path := range []string{"/admin", "/admin/nope/", "/admin/LOGIN/", "/admin/users/999/"} {
		if a := d.signedOut().get(path).Wants(303).Lacks("<h1>"); !strings.HasPrefix(a.Leads(), "/admin/login/?next=") {
			t.Errorf("GET %s leads to %s; want the login page", path, a.Leads())
		}
	}
}
