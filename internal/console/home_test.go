package console_test

import (
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/monitor"
)

// The dashboard shows the last 24 hours, and a script asks for what it lacks of them. Both need
// the permission, and neither request by a script extends a session.
func TestHome_Day(t *testing.T) {
	day := new(monitor.Day)
	d := openConsole(t, func(cfg *console.Config) { cfg.Day = day })
	d.staff("users", account.ViewUser)
	d.staff("viewer", account.ViewSession)
	for n := range 600 {
		s := monitor.SampleOf(monitor.Counters{Sessions: 4711}, monitor.Counters{}, time.Second)
		s.Seq, s.At = uint64(n+1), time.Date(2026, 11, 22, 22, 0, n, 0, time.UTC)
		day.Add(s)
	}
	d.monitor.add(monitor.Counters{Sessions: 8})
	d.run(t, []scenario{
		{who: "viewer", path: "/admin/", status: 200, contains: []string{`data-span="900"`, `data-idle="10"`, "The last 15 minutes", "Each value covers one second."}, lacks: []string{"4\u202f711", "data-day"}},
		{who: "viewer", path: "/admin/?span=24h", status: 200, contains: []string{`data-span="86400"`, `data-idle="180"`, `data-day="/admin/day/"`, "The last 24 hours", "4\u202f711", `<a href="/admin/?span=24h" aria-current="true">24 hours</a>`}},
		{who: "viewer", path: "/admin/?span=year", status: 200, contains: []string{`data-span="900"`}},
		{who: "viewer", path: "/admin/day/", status: 200, contains: []string{"[[120,1795384919,4711,", ",[480,"}},
		{who: "viewer", path: "/admin/day/?after=480", status: 200, contains: []string{"[]"}},
		{who: "viewer", path: "/admin/day/?after=360", status: 200, contains: []string{"[[480,"}, lacks: []string{"[360,"}},
		{who: "viewer", method: "POST", path: "/admin/day/", form: []string{}, status: 405},
		{who: "users", path: "/admin/day/", status: 403, lacks: []string{"4711"}},
		{path: "/admin/day/", status: 303, lacks: []string{"4711"}},
	})
	b := d.as("viewer")
	for range 2 {
		d.clock.Advance(10 * time.Minute)
		if a := b.get("/admin/day/"); strings.Contains(a.Header.Get("Set-Cookie"), "adminid") {
			t.Errorf("a script's request extends the session: %s", a.Header.Get("Set-Cookie"))
		}
	}
	b.get("/admin/").Wants(303)
}

func TestHome_WhoSeesWhat(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("none")
	d.staff("users", account.ViewUser)
	d.staff("viewer", account.ViewSession)
	d.visitor("Pema")
	d.monitor.add(monitor.Counters{Sessions: 4711, Memory: 64 << 20})
	numbers := []string{"4\u202f711", "64 MiB", "<path", `data-stream`, "uplot"}
	d.run(t, []scenario{
		{path: "/admin/", status: 303, leads: "/admin/login/?next=%2Fadmin%2F"},
		{who: "none", path: "/admin/", status: 200, contains: []string{"You have no permissions in this console", "Your recent actions"}, lacks: numbers},
		{who: "users", path: "/admin/", status: 200, contains: []string{"operators who may view sessions"}, lacks: append(numbers, "You have no permissions")},
		{who: "viewer", path: "/admin/", status: 200, contains: numbers, lacks: []string{"Pema"}},
		{who: "ada", path: "/admin/", status: 200, contains: numbers},
		{path: "/admin/stream/", status: 303},
		{who: "ada", method: "POST", path: "/admin/stream/", form: []string{}, status: 405},
	})
}

// A user's actions are on that user's first page only.
func TestHome_RecentActions(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.superuser("ben")
	h := d.visitor("Pema")
	d.as("ada").post("/admin/sessions/" + h.String() + "/end/").Wants(303)
	d.as("ada").get("/admin/").Wants(200, "ended session <b>"+h.Fingerprint())
	d.as("ben").get("/admin/").Wants(200, "No actions yet").Lacks(h.Fingerprint())
}
