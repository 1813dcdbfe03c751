package console_test

import "testing"

// Whoever has not logged in is sent to the login page, whatever he asks for, and
// learns nothing of what there is.
func TestGuard_NobodySeesNothing(t *testing.T) {
	d := openDesk(t)
	for _, path := range []string{"/admin/", "/admin", "/admin/password/", "/admin/own-sessions/", "/admin/nope/", "/admin/sessions/", "/admin/LOGIN/"} {
		a := d.nobody().get(path)
		a.wants(303).lacks("<h1>")
		if want := "/admin/login/?next="; len(a.leads()) < len(want) || a.leads()[:len(want)] != want {
			t.Errorf("GET %s leads to %s; want the login page", path, a.leads())
		}
	}
}

// A form that does not come from a page of the console is refused.
func TestGuard_ProofOfOrigin(t *testing.T) {
	d := openDesk(t)
	d.superuser("ada")
	b := d.as("ada")
	for _, headers := range [][]string{nil, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"}, {"Origin", "null"}} {
		b.do("POST", "/admin/own-sessions/end-others/", fields(nil), headers...).wants(403, "Not allowed")
	}
	b.do("POST", "/admin/own-sessions/end-others/", fields(nil), "Origin", "http://localhost:8000").wants(303)
}
