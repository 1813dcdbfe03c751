package console_test

import (
	"testing"
	"time"
)

// For ten minutes the page of a session that an operator ended, and a list, say whose it was.
func TestLastEnded(t *testing.T) {
	d := watchers(t)
	pema, ada := d.visitor("Pema <b>"), d.visitor("Ada")
	b := d.as("keeper")
	b.get("/admin/sessions/last-ended/").Wants(200, "Operators have ended none")
	b.post(sessionAt(pema) + "end/").Wants(303)
	d.clock.Advance(9 * time.Minute)
	b.get("/admin/sessions/last-ended/").Wants(200, "<bdi>Pema &lt;b&gt;</bdi>", pema.Fingerprint(), "192.0.2.17", "9 min ago", ">keeper<").Lacks("Ada", ada.Fingerprint())
	d.as("viewer").get(sessionAt(pema)).Wants(200, "This session has ended", "<bdi>Pema &lt;b&gt;</bdi>", "192.0.2.17", "remembers name and address for ten minutes")
	d.as("ender").get("/admin/sessions/last-ended/").Wants(403)
	d.clock.Advance(time.Minute)
	b.get("/admin/sessions/last-ended/").Wants(200, "Operators have ended none")
	b.get(sessionAt(pema)).Wants(200).Lacks("Pema", "192.0.2.17")
}
