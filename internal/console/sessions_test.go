package console_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/storage/record"
)

// watchers is a fixture with a superuser and staff with no, one or both of the
// permissions for sessions.
func watchers(t *testing.T, configure ...func(*console.Config)) *fixture {
	t.Helper()
	d := openConsole(t, configure...)
	d.superuser("ada")
	d.staff("none")
	d.staff("viewer", account.ViewSession)
	d.staff("ender", account.DeleteSession)
	d.staff("keeper", account.ViewSession, account.DeleteSession)
	return d
}

// live reports whether a visitor's session lives.
func (d *fixture) live(h record.Handle) bool {
	return d.visitors.Find(h).State == record.Live
}

// The name leads to the session, and a session without one has a link, too. The browser is
// said in words. Times count up from what the server said.
func TestSessionList_Row(t *testing.T) {
	d := watchers(t)
	pema, none := d.visitor("Pema"), d.visitor("")
	d.clock.Advance(13 * time.Second)
	d.as("viewer").get("/admin/sessions/").Wants(200, `>Browser</th>`, `<bdi>Browser of Pema</bdi>`, `<span data-age="13000">13 s ago</span>`,
		`<a href="`+sessionAt(pema)+`"><bdi>Pema</bdi></a>`, `<a href="`+sessionAt(none)+`">no name</a>`, `<span class="key">`+pema.Fingerprint()+`</span>`)
}

// The list says how many sessions it has. Its script asks how many have begun since, for the
// same search, and that extends no session of the operator.
func TestSessionList_CountsAndNew(t *testing.T) {
	d := watchers(t)
	b := d.as("viewer")
	b.get("/admin/sessions/").Wants(200, `data-new="/admin/sessions/new/"`)
	d.visitor("Pema")
	d.visitor("Sonam")
	b.get("/admin/sessions/").Wants(200, "<p>2 live sessions</p>", `<a class="button" href="/admin/sessions/" hidden>`)
	b.get("/admin/sessions/?q=pema&o=key").Wants(200, "<p>1 session matches</p>", `data-new="/admin/sessions/new/?q=pema"`, `href="/admin/sessions/?o=key&amp;q=pema" hidden>`)
	b.get("/admin/sessions/?state=5s").Wants(200).Lacks("data-new")
	d.clock.Advance(5 * time.Second)
	last := d.visitor("Pema the second")
	for address, want := range map[string]string{
		"?age=4000": `{"new":1,"more":false}`, "?age=6000": `{"new":3,"more":false}`, "?age=6000&q=sonam": `{"new":1,"more":false}`,
		"?age=6000&q=" + last.Fingerprint(): `{"new":1,"more":false}`, "": `{"new":0,"more":false}`, "?age=-1": `{"new":0,"more":false}`,
		"?age=18446744073709551615": `{"new":3,"more":false}`, "?age=6000&q=" + strings.Repeat("x", 201): `{"new":0,"more":false}`,
	} {
		if got := b.get("/admin/sessions/new/" + address).Wants(200).Text; got != want {
			t.Errorf("GET new/%s = %s; want %s", address, got, want)
		}
	}
	for range 48 {
		d.visitor("Karma")
	}
	b.get("/admin/sessions/new/?age=4000").Wants(200, `{"new":49,"more":false}`)
	d.visitor("Karma")
	b.get("/admin/sessions/new/?age=4000").Wants(200, `{"new":50,"more":true}`)
	d.as("ender").get("/admin/sessions/new/").Wants(403)
	for range 4 {
		d.clock.Advance(4 * time.Minute)
		b.get("/admin/sessions/new/")
	}
	b.get("/admin/sessions/").Wants(303)
}

// A page leaves out what its operator may not do.
func TestSessions_Buttons(t *testing.T) {
	d := watchers(t)
	pema := d.visitor("Pema")
	one := sessionAt(pema)
	d.run(t, []scenario{
		{who: "keeper", path: "/admin/sessions/end-all/", status: 200, contains: []string{"<kbd>END ALL 1</kbd>"}},
		{who: "viewer", path: "/admin/sessions/", status: 200, lacks: []string{"checkbox", "Remove expired sessions", "End all", "End selected", "uplot"}},
		{who: "viewer", path: one, status: 200, contains: []string{"Pema"}, lacks: []string{"End this session", "/end/"}},
		{who: "keeper", path: "/admin/sessions/", status: 200, contains: []string{"checkbox", "Remove expired sessions", "End all", "End selected"}},
		{who: "keeper", path: one, status: 200, contains: []string{"End this session", "The session ends at once. The visitor’s page may count down"}},
	})
}

func TestSessionList_Shows(t *testing.T) {
	d := watchers(t)
	b := d.as("viewer")
	b.get("/admin/sessions/").Wants(200, "No sessions")
	pema := d.visitor("Pema")
	d.clock.Advance(5 * time.Second)
	d.visitor("<script>alert(1)</script>")
	a := b.get("/admin/sessions/").Wants(200, "<bdi>Pema</bdi>", pema.Fingerprint(), "192.0.2.17", ">15 s<", ">20 s<", `data-runs="15000"`, "5 s ago", "2 in all",
		"&lt;script&gt;alert(1)&lt;/script&gt;").Lacks("<script>alert")
	if young, old := strings.Index(a.Text, "&lt;script"), strings.Index(a.Text, "Pema"); young > old {
		t.Error("who was here last is not first")
	}
	b.get("/admin/sessions/?o=created").Wants(200, `aria-sort="ascending"><a href="/admin/sessions/?o=-created">Created`)
	b.get("/admin/sessions/?o=nonsense&state=nonsense&p=-3").Wants(200, `aria-sort="descending"><a href="/admin/sessions/?o=used">Last use`)
	b.get("/admin/sessions").Wants(301)
}

func TestSessionList_Search(t *testing.T) {
	d := watchers(t)
	pema, ada := d.visitor("Pema"), d.visitor("Ada")
	b := d.as("viewer")
	for _, q := range []string{"pem", "Browser+of+P", pema.Fingerprint(), strings.ToUpper(pema.Fingerprint()), pema.String(), "+Pema+"} {
		b.get("/admin/sessions/?q="+q).Wants(200, "<bdi>Pema</bdi>", "1 in all").Lacks("<bdi>Ada</bdi>")
	}
	b.get("/admin/sessions/?q=ada").Wants(200, "<bdi>Ada</bdi>", ada.Fingerprint()) // which is hex as well
	b.get("/admin/sessions/?q=192.0.2").Wants(200, "2 in all")
	b.get("/admin/sessions/?q=nobody").Wants(200, "No matching sessions", "nobody", `<a href="/admin/sessions/">Show all</a>`)
	b.get("/admin/sessions/?q=%3Cscript%3E").Wants(200, "No matching sessions", "“&lt;script&gt;”").Lacks("<script>")
	b.get("/admin/sessions/?q=%FF%FE%00").Wants(200, "No matching sessions")
	b.get("/admin/sessions/?q="+strings.Repeat("x", 200)).Wants(200, "No matching sessions")
	b.get("/admin/sessions/?q="+strings.Repeat("x", 201)).Wants(400, "Enter at most 200 characters.", `aria-invalid="true"`).Lacks("Pema", "No matching sessions")
	b.get("/admin/sessions/?q="+strings.Repeat("%C3%A4", 10_000)).Wants(400, "at most 200 characters").Lacks("Pema")
}

func TestSessionList_States(t *testing.T) {
	d := watchers(t)
	idle, soon, fresh := d.visitor("Idle"), d.visitor("Soon"), d.visitor("Fresh")
	b := d.as("keeper")
	d.clock.Advance(12 * time.Second)
	late := d.visitor("Late")
	b.get("/admin/sessions/?state=10s").Wants(200, "3 in all", "Soon").Lacks("Late")
	b.get("/admin/sessions/?state=5s").Wants(200, "No sessions").Lacks("Soon")
	d.clock.Advance(4 * time.Second)
	b.get("/admin/sessions/?state=5s").Wants(200, "3 in all").Lacks("Late")
	b.post("/admin/sessions/" + late.String() + "/end/").Wants(303)
	d.clock.Advance(5 * time.Second)
	b.get("/admin/sessions/?state=ended").Wants(200, "4 in all", late.Fingerprint(), idle.Fingerprint(), "Ended by operator", "Expired: idle timeout").Lacks("checkbox", "Late")
	b.get("/admin/sessions/?state=revoked").Wants(200, "1 in all", late.Fingerprint()).Lacks(soon.Fingerprint())
	b.get("/admin/sessions/?state=idle").Wants(200, "3 in all", soon.Fingerprint(), fresh.Fingerprint()).Lacks(late.Fingerprint())
	b.get("/admin/sessions/?state=deleted").Wants(200, "No ended sessions")
	b.get("/admin/sessions/?state=ended&q="+late.Fingerprint()).Wants(200, "1 in all")
	b.get("/admin/sessions/?state=ended&q=Late").Wants(200, "The data of ended sessions is deleted")
}

func TestSessionList_Pages(t *testing.T) {
	d := watchers(t)
	for i := range 120 {
		d.visitor(fmt.Sprintf("visitor%03d", i))
		d.clock.Advance(time.Millisecond)
	}
	b := d.as("viewer")
	b.get("/admin/sessions/?o=created").Wants(200, "1 to 50 of 120", ">visitor000<", ">visitor049<", `rel="next" href="/admin/sessions/?o=created&amp;p=2"`, `href="/admin/sessions/?o=created&amp;p=3">Last`).Lacks(">visitor050<", `rel="prev"`)
	b.get("/admin/sessions/?o=created&p=3").Wants(200, "101 to 120 of 120", ">visitor119<", `href="/admin/sessions/?o=created">First`, "3 of 3").Lacks(`rel="next"`)
	b.get("/admin/sessions/?o=created&p=77").Wants(200, "101 to 120 of 120", ">visitor119<")
	b.get("/admin/sessions/?o=created&p=99999999999999999999").Wants(200, "1 to 50 of 120")
}

func TestSession_Shows(t *testing.T) {
	d := watchers(t)
	pema := d.visitor("Pe<b>ma")
	d.clock.Advance(3 * time.Second)
	b, one := d.as("ada"), "/admin/sessions/"+pema.String()+"/"
	b.get(one).Wants(200, "Session <span class=\"key\">"+pema.Fingerprint(), "Pe&lt;b&gt;ma", "192.0.2.17", "Browser of Pe&lt;b&gt;ma", ">17 s<", "Nov. 22, 2026, 10:22:05 p.m. UTC", "20 s", "11 h 59 min", "string").Lacks("<b>ma")
	b.get("/admin/sessions/"+strings.ToUpper(pema.String())+"/").Wants(200, pema.Fingerprint())
	for _, none := range []string{pema.Fingerprint(), strings.Repeat("0", 32), strings.Repeat("g", 32), pema.String() + "00", "..%2f..%2fetc"} {
		b.get("/admin/sessions/"+none+"/").Wants(404, "Not found")
		b.post("/admin/sessions/"+none+"/end/").Wants(404, "Not found")
	}
	b.post(one + "end/").Wants(303)
	b.get(one).Wants(200, "The session was ended. The visitor’s page will say so.", "This session has ended", "Ended by operator", "id=\"log\">Audit log", "ended session", "Pe&lt;b&gt;ma", "192.0.2.17").Lacks("End this session", "Browser of")
	b.get(one).Wants(200).Lacks("The visitor’s page will say so") // once
	d.as("viewer").get(one).Wants(200, "Ended by operator").Lacks("id=\"log\">Audit log")
}

func TestSessionsClear(t *testing.T) {
	d := watchers(t)
	d.visitor("Pema")
	h := d.visitor("Sonam")
	d.clock.Advance(25 * time.Second)
	fresh := d.visitor("Karma")
	ada := d.as("ada")
	ada.post("/admin/sessions/clear/", "back", "/admin/sessions/?state=ended").Wants(303)
	a := ada.get("/admin/sessions/?state=ended").Wants(200, "removed", h.Fingerprint())
	if n := regexp.MustCompile(`(\d+) expired sessions? w(?:as|ere) removed`).FindStringSubmatch(a.Text); n == nil || n[1] > "2" {
		t.Errorf("%v were removed; want at most the 2 that had expired", n)
	}
	if !d.live(fresh) {
		t.Error("clearing has ended a live session")
	}
	entries := d.entries(account.EntryQuery{Action: account.ActionClear})
	if len(entries) != 1 || entries[0].Kind != account.KindSession || entries[0].Actor.Name != "ada" {
		t.Errorf("the audit log has %+v; want one entry of ada's", entries)
	}
}

// swept is a store in which so many sessions have expired.
type swept struct {
	control.Lister
	n int
}

func (s swept) Sweep(context.Context) (int, error) { return s.n, nil }

// A notice about one thing is not written as one about several.
func TestNotices_OneAndMany(t *testing.T) {
	for n, says := range []string{">0 expired sessions were removed.<", ">1 expired session was removed.<", ">2 expired sessions were removed.<"} {
		d := watchers(t, func(cfg *console.Config) { cfg.Visitors = swept{cfg.Visitors, n} })
		ada := d.as("ada")
		ada.post("/admin/sessions/clear/").Wants(303)
		ada.get("/admin/sessions/").Wants(200, says)
	}
	d := watchers(t)
	h, ada := d.visitor("Pema"), d.as("ada")
	for i, says := range []string{"<span data-refreshes>0</span>", "<span data-refreshes>1</span>", "<span data-refreshes>2</span>"} {
		if i > 0 {
			d.visitors.Refresh(d.key(h))
		}
		ada.get(sessionAt(h)).Wants(200, says)
	}
}

// key is the key of a visitor's session.
func (d *fixture) key(h record.Handle) record.Key { return d.visitors.Find(h).Key }

func TestSessionStates(t *testing.T) {
	d := watchers(t)
	live, ended := d.visitor("Pema"), d.visitor("Sonam")
	d.as("ada").post("/admin/sessions/" + ended.String() + "/end/")
	d.clock.Advance(3 * time.Second)
	b := d.as("viewer")
	a := b.get("/admin/sessions/state/?h="+live.String()+","+ended.String()+",nonsense").Wants(200,
		`"`+live.String()+`":{"state":"live","remaining_ms":17000,"unused_ms":3000,"refreshes":0}`, `"`+ended.String()+`":{"state":"ended","why":"Ended by operator"`).Lacks("nonsense", "Pema")
	if a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("Content-Type = %s; want JSON", a.Header.Get("Content-Type"))
	}
	b.get("/admin/sessions/state/").Wants(200, "{}")
	// The page asks for it, not the operator: it extends no session.
	for range 4 {
		d.clock.Advance(4 * time.Minute)
		b.get("/admin/sessions/state/")
	}
	b.get("/admin/sessions/").Wants(303)
}
