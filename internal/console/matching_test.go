package console_test

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// ended waits until the server ends no sessions, and returns the page that says how it went.
func (b *browser) ended() *testkit.Reply {
	b.T.Helper()
	for until := time.Now().Add(time.Minute); ; {
		if a := b.get("/admin/sessions/ending/"); !strings.Contains(a.Text, "<h1>Ending sessions") {
			return a
		}
		if time.Now().After(until) {
			b.T.Fatal("sessions are still being ended")
		}
		time.Sleep(time.Millisecond) // it ends at no instant that a test could wait for
	}
}

var hiddenFields = regexp.MustCompile(`<input type="hidden" name="(found|at)" value="([^"]*)">`)

// confirmed is what the form of a page sends.
func confirmed(a *testkit.Reply, more ...string) (form []string) {
	for _, field := range hiddenFields.FindAllStringSubmatch(a.Text, -1) {
		form = append(form, field[1], field[2])
	}
	return append(form, more...)
}

// When more sessions match than the page has, the list offers to end all of them. The page
// asks first, and says which; those that begin later live on.
func TestSessionsMatching(t *testing.T) {
	d := watchers(t)
	bob := d.visitor("Bob")
	handles := d.crowd(63)
	d.clock.Advance(time.Second)
	b := d.as("keeper")
	const asked = "/admin/sessions/matching/?q=visitor"
	b.get("/admin/sessions/?q=visitor&p=2&o=key").Wants(200, `<a class="button danger" href="`+asked+`" data-all-matching>End all 63 that match…</a>`)
	b.get("/admin/sessions/?q=visitor00").Wants(200).Lacks("data-all-matching")
	d.as("viewer").get("/admin/sessions/?q=visitor").Wants(200).Lacks("data-all-matching")
	for _, who := range []string{"viewer", "ender"} {
		d.as(who).get(asked).Wants(403)
		d.as(who).post(asked, "found", "63", "at", "1").Wants(403)
	}
	page := b.get(asked).Wants(200, "<h1>End 63 sessions?</h1>", "63 sessions match: <bdi>search “visitor”</bdi>", `href="/admin/sessions/?q=visitor">Cancel`).Lacks("<kbd>")
	d.clock.Advance(10 * time.Millisecond)
	later := d.visitor("visitor later")
	d.clock.Advance(time.Second)
	if a := b.post(asked, confirmed(page)...).Wants(303); a.Leads() != "/admin/sessions/ending/?back=%2Fadmin%2Fsessions%2F%3Fq%3Dvisitor" {
		t.Errorf("leads to %s", a.Leads())
	}
	b.ended().Wants(200, "<h1>Sessions ended</h1>", "63 of 63 ended", "All that matched have ended.", "search “visitor”", "by keeper")
	for _, h := range handles {
		if d.live(h) {
			t.Errorf("session %s lives", h.Fingerprint())
		}
	}
	if !d.live(bob) || !d.live(later) {
		t.Errorf("others live: %v, %v; want both", d.live(bob), d.live(later))
	}
	entries := d.entries(account.EntryQuery{Action: account.ActionRevokeMatch})
	if len(entries) != 1 || entries[0].Count != 63 || entries[0].Actor.Name != "keeper" {
		t.Errorf("the audit log has %+v", entries)
	}
	d.as("ada").get("/admin/log/?action=revoke_matching").Wants(200, "<b>keeper</b> ended 63 sessions: search “visitor”; ")
	d.as("ender").get("/admin/sessions/ending/").Wants(200, "63 of 63 ended").Lacks("visitor")
}

// What is asked for may have changed, or be nothing that can be ended.
func TestSessionsMatching_Refused(t *testing.T) {
	d := watchers(t)
	b := d.as("keeper")
	d.crowd(3)
	for _, query := range []string{"?state=ended", "?state=revoked", "?state=10s", "?state=5s", "?state=gone", "?by=address", "?is=x", "?by=shoes&is=x", "?q=xyz&key=1", "?q=" + strings.Repeat("x", 201)} {
		b.get("/admin/sessions/matching/" + query).Wants(400)
		b.post("/admin/sessions/matching/"+query, "found", "1", "at", "1").Wants(400)
	}
	for _, form := range [][]string{{}, {"found", "x", "at", "1"}, {"found", "3", "at", "x"}, {"found", "3"}, {"found", "3", "at", "-1"}} {
		b.post("/admin/sessions/matching/?q=visitor", form...).Wants(400)
	}
	b.get("/admin/sessions/matching/?q=nothing").Wants(200, "No live session matches any more.").Lacks("<button class=\"danger\">End")
	b.post("/admin/sessions/matching/?q=visitor", "found", "3", "at", strconv.FormatInt(d.clock.Now().Add(-time.Hour).UnixMilli(), 10)).Wants(303)
	b.ended().Wants(200, "0 of 3 ended") // they have begun since
	b.post("/admin/sessions/ending/stop/", "id", "matching-X").Wants(303)
	b.get("/admin/sessions/").Wants(200, "There was nothing to stop")
}

// Of more than 10,000 the operator types the number, also if so many match only when the form
// comes.
func TestSessionsMatching_ManyNeedWords(t *testing.T) {
	d := watchers(t)
	d.plant(10_001)
	d.clock.Advance(time.Second)
	b := d.as("keeper")
	const all = "/admin/sessions/matching/"
	page := b.get(all).Wants(200, "10\u202f001 sessions match: <bdi>all live sessions</bdi>", "<kbd>END 10001</kbd>")
	for _, words := range []string{"", "END 10000", "end 10001", "END MATCHING"} {
		b.post(all, confirmed(page, "words", words)...).Wants(422, "The text does not match. Nothing was ended.")
	}
	b.post(all, "found", "9", "at", "1").Wants(200, "<kbd>END 10001</kbd>")
	if n := d.visitors.Stats().Sessions; n != 10_001 {
		t.Fatalf("%d sessions live", n)
	}
	b.post(all, confirmed(page, "words", " END  10001 ")...).Wants(303)
	b.ended().Wants(200, "10\u202f001 of 10\u202f001 ended")
}

// A store that lists by position cannot say how many match: the page says so, and asks for words.
func TestSessionsMatching_ByPosition(t *testing.T) {
	d := placed(t, 7)
	d.visitor("Bob")
	handles := d.crowd(70)
	d.clock.Advance(time.Second)
	b := d.as("keeper")
	b.get("/admin/sessions/?q=visitor").Wants(200, `href="/admin/sessions/matching/?q=visitor" data-all-matching>End all that match…`)
	page := b.get("/admin/sessions/matching/?q=visitor").Wants(200, "looks at about 71 live sessions", "<kbd>END MATCHING</kbd>", "search “visitor”")
	b.post("/admin/sessions/matching/?q=visitor", confirmed(page)...).Wants(422)
	b.post("/admin/sessions/matching/?q=visitor", confirmed(page, "words", "END MATCHING")...).Wants(303)
	b.ended().Wants(200, "70 ended", "All that matched")
	if n := d.visitors.Stats().Sessions; n != 1 || d.live(handles[0]) {
		t.Errorf("%d sessions live; want Bob's", n)
	}
}

// A search that is found in fingerprints ends what begins with it.
func TestSessionsMatching_ByFingerprint(t *testing.T) {
	d := watchers(t)
	d.crowd(60)
	d.clock.Advance(time.Second)
	digit, want := "", 0
	for _, digit = range strings.Split("0123456789abcdef", "") {
		if want = d.visitors.List(record.Query{Prefix: digit}).Total; want > 0 && want < 60 {
			break
		}
	}
	b := d.as("keeper")
	at := "/admin/sessions/matching/?key=1&q=" + digit
	b.post(at, confirmed(b.get(at).Wants(200, fmt.Sprintf(`name="found" value="%d"`, want)))...).Wants(303)
	b.ended().Wants(200)
	if n := d.visitors.Stats().Sessions; n != int64(60-want) {
		t.Errorf("%d sessions live; want %d", n, 60-want)
	}
	d.as("ada").get("/admin/log/?action=revoke_matching").Wants(200, ": fingerprint “"+digit+"”; ")
}

// The page of a session leads to those with the same name, address or browser, and to their end.
// Nothing else is found by them, as it is by a search.
func TestSessionsMatching_Alike(t *testing.T) {
	d := watchers(t)
	ada, other := d.visitor("Ada"), d.visitor("Ada & Bob")
	d.visitor("Ada")
	d.clock.Advance(time.Second)
	b := d.as("keeper")
	a := b.get(sessionAt(ada)).Wants(200, "Sessions like this one", `/admin/sessions/?by=address&amp;is=192.0.2.17"`, `/admin/sessions/matching/?by=browser&amp;is=Browser&#43;of&#43;Ada"`)
	d.as("viewer").get(sessionAt(ada)).Wants(200, "/admin/sessions/?by=name&amp;is=Ada").Lacks("/admin/sessions/matching/")
	b.get("/admin/sessions/?by=name&is=Ada").Wants(200, "2 sessions match", "Only sessions <bdi>with the name “Ada”</bdi>", `<a href="/admin/sessions/">Show all</a>`, `name="by" value="name"`).Lacks("Ada &amp; Bob")
	b.get("/admin/sessions/?by=address&is=192.0.2.1").Wants(200, "No matching sessions")
	b.get("/admin/sessions/?by=address&is=192.0.2.17&q=bob").Wants(200, "1 session matches", "Ada &amp; Bob")
	b.get("/admin/sessions/?by=nonsense&is=Ada").Wants(200, "3 live sessions")
	b.get("/admin/sessions/new/?by=name&is=Ada&age=5000").Wants(200, `{"new":2,"more":false}`)
	link := html.UnescapeString(regexp.MustCompile(`href="([^"]*matching/\?by=name[^"]*)"`).FindStringSubmatch(a.Text)[1])
	b.post(link, confirmed(b.get(link).Wants(200, "2 sessions match: <bdi>name “Ada”</bdi>"))...).Wants(303)
	b.ended().Wants(200, "2 of 2 ended")
	if d.live(ada) || !d.live(other) {
		t.Errorf("live: %v, %v; want the other one", d.live(ada), d.live(other))
	}
}
