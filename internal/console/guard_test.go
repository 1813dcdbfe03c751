package console_test

import (
	"maps"
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

// Each page that a browser has open says why its operator was signed out, not only the
// first one that asks.
func TestGuard_ReasonOnEachPage(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	bob := d.staff("bob")
	b := d.as("bob")
	other := d.signedOut()
	maps.Copy(other.Jar, b.Jar)
	if _, err := d.accounts.SetActive(t.Context(), owner, bob.ID, false); err != nil {
		t.Fatal(err)
	}
	for what, page := range map[string]*browser{"one": b, "the other": other} {
		if at := page.get("/admin/").Leads(); !strings.Contains(at, "was=revoked") {
			t.Errorf("%s page leads to %q; want the reason revoked", what, at)
		}
	}
}
