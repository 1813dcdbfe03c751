package console_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/internal/testkit"
	"pagesession/internal/web"
	"pagesession/storage/record"
)

// A byPosition is a store that lists by position, as Redis does, and looks at so many
// sessions for one page.
type byPosition struct {
	control.Lister
	now  func() time.Time
	look int
}

func (byPosition) ByPosition() bool { return true }

func (b byPosition) List(ctx context.Context, q record.Query) (record.Page, error) {
	if q.States != record.LiveOnly || q.Reason != record.NoReason || q.Order != record.ByCreated || q.Offset != 0 {
		return record.Page{}, fmt.Errorf("a store by position was asked for %+v", q)
	}
	all, err := b.Lister.List(ctx, record.Query{Limit: record.MaxLimit})
	page := record.Page{At: all.At, Total: all.Total, Next: q.From}
	place := func(row record.Row) record.Position {
		return record.Position{Created: b.now().Add(-row.Age).UnixMilli(), Handle: row.Handle}
	}
	order := func(x, y record.Position) int {
		c := cmp.Or(cmp.Compare(x.Created, y.Created), bytes.Compare(x.Handle[:], y.Handle[:]))
		if q.Descending {
			return -c
		}
		return c
	}
	slices.SortFunc(all.Rows, func(x, y record.Row) int { return order(place(x), place(y)) })
	for _, row := range all.Rows {
		at := place(row)
		if q.From != (record.Position{}) && order(at, q.From) <= 0 {
			continue
		}
		if page.More = page.Looked == b.look || len(page.Rows) == q.Limit; page.More {
			break
		}
		page.Looked, page.Next = page.Looked+1, at
		keeps := strings.HasPrefix(row.Handle.String(), strings.ToLower(q.Prefix)) && (q.Match == nil || q.Match(row.Value)) &&
			(q.EndsWithin == 0 || row.Remaining > 0 && row.Remaining <= q.EndsWithin)
		if keeps {
			page.Rows = append(page.Rows, row)
		}
	}
	return page, err
}

// placed is a fixture whose visitors' sessions are listed by position.
func placed(t *testing.T, look int) *fixture {
	t.Helper()
	return watchers(t, func(cfg *console.Config) { cfg.Visitors = byPosition{cfg.Visitors, cfg.Now, look} })
}

// crowd begins sessions, a millisecond apart, and returns their handles.
func (d *fixture) crowd(n int) (handles []record.Handle) {
	d.t.Helper()
	for i := range n {
		handles = append(handles, d.visitor(fmt.Sprintf("visitor%03d", i)))
		d.clock.Advance(time.Millisecond)
	}
	return handles
}

var nextLink = regexp.MustCompile(`rel="next" href="([^"]*)"`)

// next follows a page's link to the next one; nil: it has none.
func (b *browser) next(a *testkit.Reply) *testkit.Reply {
	b.T.Helper()
	link := nextLink.FindStringSubmatch(a.Text)
	if link == nil {
		return nil
	}
	return b.get(html.UnescapeString(link[1])).Wants(200)
}

var handleOfRow = regexp.MustCompile(`<tr data-handle="(\w+)"`)

// listed are the handles on a page.
func listed(a *testkit.Reply) (handles []string) {
	for _, row := range handleOfRow.FindAllStringSubmatch(a.Text, -1) {
		handles = append(handles, row[1])
	}
	return handles
}

func TestSessionPosition_Pages(t *testing.T) {
	d := placed(t, 1000)
	b := d.as("viewer")
	b.get("/admin/sessions/").Wants(200, "<h2>No sessions</h2>")
	handles := d.crowd(120)
	first := b.get("/admin/sessions/").Wants(200, "1 to 50 of about 120", ">visitor119<", ">visitor070<", `<span class="button off">First</span>`,
		`aria-sort="descending"><a href="/admin/sessions/?o=created">Created`, "<th scope=\"col\">Last used</th>", "Expires in 5 s").
		Lacks(">visitor069<", "Previous", "Last</", "Refreshes", "state=ended", "Deleted by visitor", "of 3")
	second := b.next(first).Wants(200, "51 to 100 of about 120", ">visitor069<", ">visitor020<", `href="/admin/sessions/">First`)
	third := b.next(second).Wants(200, "101 to 120 of about 120", ">visitor000<", `<span class="button off">Next</span>`)
	if rest := b.next(third); rest != nil {
		t.Errorf("the last page leads to %s", rest.What)
	}
	got := slices.Concat(listed(first), listed(second), listed(third))
	slices.Reverse(got)
	for i, h := range handles {
		if i >= len(got) || got[i] != h.String() {
			t.Fatalf("the pages have %d sessions, and not each once by creation", len(got))
		}
	}
	oldest := b.get("/admin/sessions/?o=created").Wants(200, ">visitor000<", `aria-sort="ascending"><a href="/admin/sessions/?o=-created">`, "?o=created&amp;p=s.50.50.").Lacks(">visitor050<")
	b.next(oldest).Wants(200, ">visitor050<", `href="/admin/sessions/?o=created">First`)
	// Whatever else an address has is ignored.
	for _, other := range []string{"o=-used", "o=left", "o=key", "state=ended", "state=revoked", "state=nonsense", "p=2", "p=-1", "p=nonsense"} {
		b.get("/admin/sessions/?"+other).Wants(200, "1 to 50 of about 120", ">visitor119<", `<span class="button off">First</span>`)
	}
}

// A page that has become empty leads back, and a session that ends takes no other one with it.
func TestSessionPosition_SessionsEndMeanwhile(t *testing.T) {
	d := placed(t, 1000)
	handles := d.crowd(110)
	b, ada := d.as("viewer"), d.as("ada")
	first := b.get("/admin/sessions/")
	for _, h := range slices.Concat(handles[55:65], handles[:5]) {
		ada.post("/admin/sessions/" + h.String() + "/end/").Wants(303)
	}
	d.visitor("Pema")
	second := b.next(first).Wants(200, "51 to 100 of about 100", ">visitor054<", ">visitor005<", "Next</span>").Lacks(">Pema<", ">visitor055<")
	if n := len(listed(second)); n != 50 {
		t.Errorf("the second page has %d sessions; want the 50 that are left", n)
	}
	link := html.UnescapeString(nextLink.FindStringSubmatch(b.get("/admin/sessions/?o=created").Text)[1])
	d.clock.Advance(30 * time.Second)
	d.visitor("Sonam")
	b.get(link).Wants(200, ">Sonam<")
	d.clock.Advance(30 * time.Second)
	b.get(link).Wants(200, "<h2>No more sessions</h2>", `<a href="/admin/sessions/?o=created">First page</a>`)
}

func TestSessionPosition_Search(t *testing.T) {
	d := placed(t, 40)
	d.visitor("Pema")
	d.clock.Advance(time.Millisecond)
	d.crowd(99)
	tashi := d.visitor("Tashi")
	b := d.as("keeper")
	first := b.get("/admin/sessions/?q=pema").Wants(200, "<h2>No session found yet</h2>", "Looked at 40 of about 101 sessions, none found so far.", ">Go on</a>").Lacks("No matching")
	second := b.next(first).Wants(200, "Looked at 80 of about 101 sessions, none found so far.")
	third := b.next(second).Wants(200, "<bdi>Pema</bdi>", "All sessions were looked at, 1 found.", `href="/admin/sessions/?q=pema">First`, `value="pema"`)
	if rest := b.next(third); rest != nil {
		t.Errorf("the last page leads to %s", rest.What)
	}
	found := b.get("/admin/sessions/?q=tashi").Wants(200, "<bdi>Tashi</bdi>", "Looked at 40 of about 101 sessions, 1 found so far.", ">Go on</a>")
	b.next(b.next(found)).Wants(200, "<h2>No more sessions</h2>", "All sessions were looked at, 1 found.", `href="/admin/sessions/?q=tashi">First page</a>`)
	b.next(b.next(b.get("/admin/sessions/?q=absent"))).Wants(200, "<h2>No matching sessions</h2>", "No session has “absent” in its data")
	many := b.get("/admin/sessions/?q=visitor&o=created").Wants(200, "Looked at 40 of about 101 sessions, 39 found so far.")
	b.next(many).Wants(200, "Looked at 80 of about 101 sessions, 79 found so far.")
	for _, q := range []string{tashi.Fingerprint(), strings.ToUpper(tashi.Fingerprint()), tashi.String()} {
		b.get("/admin/sessions/?q="+q).Wants(200, "<bdi>Tashi</bdi>", " starts with <code>"+q)
	}
	b.get("/admin/sessions/?q="+strings.Repeat("x", 201)).Wants(400, "Enter at most 200 characters.")
}

// A short search that could begin a fingerprint is looked for in data first. Where that has
// found none, the page has fingerprints, and the way on in the data.
func TestSessionPosition_SearchBoth(t *testing.T) {
	d := placed(t, 40)
	handles := d.crowd(100)
	b, short := d.as("viewer"), handles[99].String()[:6]
	a := b.get("/admin/sessions/?q="+short).Wants(200, ">visitor099<", "None of the 40 newest sessions has it in its data.", ">Look at more</a>")
	link := regexp.MustCompile(`<a href="([^"]*)">Look at more`).FindStringSubmatch(a.Text)
	rest := b.get(html.UnescapeString(link[1])).Wants(200, "Looked at 80 of about 100 sessions, none found so far.")
	b.next(rest).Wants(200, "<h2>No matching sessions</h2>")
	// The fingerprint of a session further back: the search in fingerprints goes on as such.
	long := b.get("/admin/sessions/?q="+handles[3].Fingerprint()).Wants(200, "Looked at 40 of about 100 sessions, none found so far.", "p=k.0.40.")
	b.next(b.next(long)).Wants(200, ">visitor003<", "Sessions whose fingerprint starts with")
}

func TestSessionPosition_ExpiresSoon(t *testing.T) {
	d := placed(t, 40)
	d.crowd(60)
	d.clock.Advance(12 * time.Second)
	d.crowd(30)
	b := d.as("viewer")
	a := b.get("/admin/sessions/?state=10s").Wants(200, "Looked at 40 of about 90 sessions, 10 found so far.", `aria-current="true">Expires in 10 s`)
	b.next(a).Wants(200, "Looked at 80 of about 90 sessions, 50 found so far.")
	b.get("/admin/sessions/?state=5s").Wants(200, "<h2>No session found yet</h2>")
}

// A page of a list by position comes back after sessions have been ended on it.
func TestSessionPosition_Back(t *testing.T) {
	d := placed(t, 1000)
	handles := d.crowd(120)
	ada := d.as("ada")
	second := ada.next(ada.get("/admin/sessions/?q=visitor"))
	back := html.UnescapeString(regexp.MustCompile(`name="back" value="([^"]*)"`).FindStringSubmatch(second.Text)[1])
	if done := ada.post("/admin/sessions/end/", "handle", handles[60].String(), "sure", "yes", "back", back).Wants(303); done.Leads() != back {
		t.Errorf("leads to %s; want %s", done.Leads(), back)
	}
	ada.get(back).Wants(200, "The session was ended.", "Looked at 100 of about 119 sessions, 100 found so far.").Lacks(handles[60].String())
	// The form of 500 sessions has room for the longest such address.
	longest := "/admin/sessions/?o=-created&p=k.1099511627776.1099511627776.9223372036854775807-" + strings.Repeat("f", 32) + "&state=10s&q=" + url.QueryEscape(strings.Repeat("𝒜", 200))
	form := []string{"sure", "yes", "back", longest}
	for i := range 500 {
		form = append(form, "handle", fmt.Sprintf("%032x", i))
	}
	sent, _ := http.NewRequest("POST", "/", nil)
	if testkit.Form(form...)(sent); sent.ContentLength > web.DefaultBodyLimit {
		t.Errorf("a form of 500 sessions has %d bytes; want at most %d", sent.ContentLength, web.DefaultBodyLimit)
	}
}

// A forgetful store knows that a session has ended, and not why, as Redis after a timeout.
type forgetful struct{ control.Lister }

func (f forgetful) Find(ctx context.Context, h record.Handle) (record.Row, error) {
	row, err := f.Lister.Find(ctx, h)
	if row.State == record.Ended {
		row = record.Row{Handle: h, State: record.Ended}
	}
	return row, err
}

func (f forgetful) FindMany(ctx context.Context, handles []record.Handle) (rows []record.Row, err error) {
	for _, h := range handles {
		row, _ := f.Find(ctx, h)
		rows = append(rows, row)
	}
	return rows, nil
}

// What is not known is not shown: neither "Unknown" nor an instant that is made up.
func TestSession_TimedOut(t *testing.T) {
	d := watchers(t, func(cfg *console.Config) { cfg.Visitors = forgetful{byPosition{cfg.Visitors, cfg.Now, 100}} })
	h, b := d.visitor("Pema"), d.as("viewer")
	b.get(sessionAt(h)).Wants(200, "<dt>Last used</dt>").Lacks("Refreshes")
	d.clock.Advance(25 * time.Second)
	b.get(sessionAt(h)).Wants(200, "<dd>Timed out</dd>", "It is not known which timeout ended the session, or when.").Lacks("Unknown", "<dt>Ended</dt>", "s ago", "Pema")
	b.get("/admin/sessions/state/?h="+h.String()).Wants(200, `{"state":"ended","why":"Timed out",`)
	never := strings.Repeat("0", 32)
	b.get("/admin/sessions/state/?h="+never).Wants(200, `"`+never+`":{"state":"none","remaining_ms"`)
}
