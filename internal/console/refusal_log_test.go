package console_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// line returns the newest line of the log about something, and "" for none.
func (d *fixture) line(about string) (last string) {
	for l := range strings.Lines(d.log.String()) {
		if strings.Contains(l, about) {
			last = l
		}
	}
	return last
}

// The log has refusals, with the address, and never what was typed.
func TestRefusalLog(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	bob := d.as("bob")
	wrong := func() {
		d.signedOut().post("/admin/login/", "username", "my secret", "password", "wrong pass").Wants(403)
	}
	for range 3 {
		wrong()
	}
	first := d.line("sign-in refused")
	print1 := regexp.MustCompile(`address=127\.0\.0\.1 name_fingerprint=([0-9a-f]{8})\n`).FindStringSubmatch(first)
	if print1 == nil || strings.Count(d.log.String(), "sign-in refused") != 1 {
		t.Fatalf("log of three failures in a second:\n%s", d.log)
	}
	d.clock.Advance(time.Second)
	wrong()
	if l := d.line("sign-in refused"); !strings.Contains(l, print1[1]) || !strings.Contains(l, "similar=2") {
		t.Errorf("a second later: %s; want the same fingerprint and the number left out", l)
	}
	for range 6 {
		wrong()
	}
	d.signedOut().post("/admin/login/", "username", "my secret", "password", "wrong pass").Wants(429)
	if l := d.line("sign-in not checked"); !strings.Contains(l, "too many failed sign-ins") {
		t.Errorf("a throttled sign-in: %q", l)
	}
	bob.post("/admin/password/", "old", "wrong pass", "new1", "a much better one", "new2", "a much better one").Wants(422)
	d.clock.Advance(time.Second)
	bob.post("/admin/password/", "old", "wrong pass", "new1", "a much better one", "new2", "a much better one").Wants(422)
	if l := d.line("wrong current password"); !strings.Contains(l, "user=bob") {
		t.Errorf("a wrong current password: %q", l)
	}
	bob.get("/admin/users/").Wants(403)
	if l := d.line("with 403"); !strings.Contains(l, "method=GET path=/admin/users/ address=127.0.0.1 user=bob") {
		t.Errorf("a page without the permission: %q", l)
	}
	d.clock.Advance(time.Second)
	d.signedOut().Post("/admin/login/").Wants(403) // without a header that says where the form is from
	if l := d.line("with 403"); !strings.Contains(l, "method=POST path=/admin/login/") || strings.Contains(l, "user=") {
		t.Errorf("a form of unknown origin: %q", l)
	}
	for _, typed := range []string{"secret", "wrong pass", "much better", bob.Jar["adminid"], bob.Jar[deviceCookie]} {
		if strings.Contains(d.log.String(), typed) {
			t.Errorf("the log has %q:\n%s", typed, d.log)
		}
	}
}

// A form that a handler refuses with a page of its own is in the log, too.
func TestRefusalLog_Form(t *testing.T) {
	d := openConsole(t)
	ada := d.superuser("ada")
	b := d.as("ada")
	b.post(userAt(ada, ""), "username", "ada", "email", "").Wants(403) // neither active nor staff
	if l := d.line("with 403"); !strings.Contains(l, "method=POST path=/admin/users/:id/ address=127.0.0.1 user=ada") {
		t.Errorf("a refused form: %q\n%s", l, d.log)
	}
}
