package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/internal/testkit"
	"pagesession/internal/web"
	"pagesession/session"
	"pagesession/storage/record"
)

func TestSessionEnd_IsDoneAndNoted(t *testing.T) {
	d := watchers(t)
	pema, ada := d.visitor("Pema"), d.visitor("Ada")
	b := d.as("keeper")
	one := "/admin/sessions/" + pema.String() + "/"
	if a := b.post(one + "end/").Wants(303); a.Leads() != one {
		t.Errorf("leads to %s; want the session's page", a.Leads())
	}
	if d.live(pema) || !d.live(ada) {
		t.Errorf("live: %v and %v; want the other one only", d.live(pema), d.live(ada))
	}
	b.post(one + "end/").Wants(303)
	b.get(one).Wants(200, "what you selected had already ended")
	d.wantEntries(t, `keeper revoke session `+pema.String()+` `+pema.Fingerprint()+` 0`)
	// Operators who may end but not see come out where they may be.
	if a := d.as("ender").post("/admin/sessions/" + ada.String() + "/end/").Wants(303); a.Leads() != "/admin/" || d.live(ada) {
		t.Errorf("leads to %s, live %v; want the first page and an end", a.Leads(), d.live(ada))
	}
}

// wantEntries compares the entries about sessions, the oldest first.
func (d *fixture) wantEntries(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, e := range d.entries(account.EntryQuery{Kind: account.KindSession}) {
		got = append(got, fmt.Sprintf("%s %s %s %s %s %d", e.Actor.Name, e.Action, e.Kind, or(e.ObjectID, "-"), or(e.Object, "-"), e.Count))
	}
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		t.Errorf("the audit log has %q; want %q", got, want)
	}
}

func TestSessionsEnd_Selected(t *testing.T) {
	d := watchers(t)
	a, b, c := d.visitor("Pema"), d.visitor("Sonam"), d.visitor("Karma")
	ada := d.as("ada")
	back := "/admin/sessions/?o=created&q=a"
	form := []string{"handle", a.String(), "handle", b.String(), "handle", b.String(), "handle", "nonsense", "back", back}
	ada.post("/admin/sessions/end/", form...).Wants(200, "<h1>End 2 sessions?</h1>", "The sessions end at once. Each visitor’s page may count down", "Pema", "Sonam", `name="sure"`).Lacks("Karma")
	if !d.live(a) || !d.live(b) {
		t.Fatal("asking has ended them")
	}
	done := ada.post("/admin/sessions/end/", append(form, "sure", "yes")...).Wants(303)
	if done.Leads() != back || d.live(a) || d.live(b) || !d.live(c) {
		t.Errorf("leads to %s, live %v %v %v; want the list, and the third one alone", done.Leads(), d.live(a), d.live(b), d.live(c))
	}
	ada.get(back).Wants(200, "2 sessions were ended.")
	ada.post("/admin/sessions/end/", form...).Wants(303)
	ada.get("/admin/sessions/").Wants(200, "had already ended")
	ada.post("/admin/sessions/end/", "sure", "yes", "back", "https://evil.example/").Wants(303)
	ada.get("/admin/sessions/").Wants(200, "No session was selected.")
	d.as("ender").post("/admin/sessions/end/", "handle", c.String()).Wants(200, "The session ends at once. The visitor’s page may count down", c.Fingerprint()).Lacks("Karma")
	ada.post("/admin/sessions/end/", "handle", c.String(), "handle", a.String(), "sure", "yes").Wants(303)
	ada.get("/admin/sessions/").Wants(200, "The session was ended.")
	d.wantEntries(t, revokedBy("ada", a), revokedBy("ada", b), revokedBy("ada", c))
}

// revokedBy is the entry of one session.
func revokedBy(who string, h record.Handle) string {
	return who + " revoke session " + h.String() + " " + h.Fingerprint() + " 0"
}

// Of sessions that are ended together each has its history, and the log finds it
// by its handle and by the fingerprint that it shows.
func TestSessionsEnd_EachIsFound(t *testing.T) {
	d := watchers(t)
	var handles []record.Handle
	form := []string{"sure", "yes"}
	for i := range 40 {
		h := d.visitor(fmt.Sprint("Visitor ", i))
		handles, form = append(handles, h), append(form, "handle", h.String())
	}
	ada := d.as("ada")
	ada.post("/admin/sessions/end/", form...).Wants(303)
	first, last := handles[0], handles[39]
	for _, h := range []record.Handle{first, last} {
		says := "ended session <b>" + h.Fingerprint() + "</b>"
		ada.get(sessionAt(h)).Wants(200, says)
		for _, object := range []string{h.String(), strings.ToUpper(h.String()), h.Fingerprint(), strings.ToUpper(h.Fingerprint())} {
			body := ada.get("/admin/log/?kind=session&object="+object).Wants(200, says).Text
			if n := strings.Count(body, "ended session <b>"); n != 1 {
				t.Errorf("%d entries for %s; want 1", n, object)
			}
		}
	}
}

func sessionAt(h record.Handle) string { return "/admin/sessions/" + h.String() + "/" }

func TestSessionsEndAll_NeedsTheWords(t *testing.T) {
	d := watchers(t)
	h := d.visitor("Pema")
	d.visitor("Sonam")
	ada := d.as("ada")
	ada.get("/admin/sessions/end-all/").Wants(200, "There are 2 live sessions. All sessions end at once", "<kbd>END ALL 2</kbd>", `name="live" value="2"`)
	for _, form := range [][]string{
		{"words", "END ALL", "live", "2"}, {"words", "end all 2", "live", "2"}, {"words", "END ALL 3", "live", "2"},
		{"words", "END ALL 2"}, {"words", "", "live", ""}, {"words", "END ALL -1", "live", "-1"}, {},
	} {
		ada.post("/admin/sessions/end-all/", form...).Wants(422, "The text does not match. Nothing was ended.")
	}
	if !d.live(h) {
		t.Fatal("the session has ended without the words")
	}
	ada.post("/admin/sessions/end-all/", "words", " END  ALL 2 ", "live", "2").Wants(303)
	ada.get("/admin/sessions/").Wants(200, "2 sessions were ended.", "No sessions") // and ada is still there
	if d.live(h) {
		t.Error("the session lives")
	}
	ada.get("/admin/sessions/end-all/").Wants(200, "There are no live sessions.").Lacks("<kbd>")
	d.wantEntries(t, "ada revoke_all session - - 2")
}

// As many sessions as one form may name fit into what the server reads, with the
// longest address to come back to; one more, and none ends.
func TestSessionsEnd_Bound(t *testing.T) {
	d := watchers(t)
	pema, ada := d.visitor("Pema"), d.as("ada")
	form := []string{"sure", "yes", "back", "/admin/sessions/?o=-refreshed&p=20000&q=" + url.QueryEscape(strings.Repeat("𝒜", 200)), "handle", pema.String()}
	for i := range 499 {
		form = append(form, "handle", fmt.Sprintf("%032x", i))
	}
	sent, _ := http.NewRequest("POST", "/", nil)
	if testkit.Form(form...)(sent); sent.ContentLength > web.DefaultBodyLimit {
		t.Errorf("a form of 500 sessions has %d bytes; want at most %d", sent.ContentLength, web.DefaultBodyLimit)
	}
	ada.post("/admin/sessions/end/", append(form, "handle", fmt.Sprintf("%032x", 499))...).
		Wants(413, "Too many sessions", "You can end at most 500 sessions together", `href="/admin/">Dashboard`)
	if !d.live(pema) {
		t.Fatal("a form of 501 sessions has ended one")
	}
	ada.post("/admin/sessions/end/", form...).Wants(303)
	if d.live(pema) {
		t.Error("a form of 500 sessions has not ended the first")
	}
}

// failing is a store whose ends fail, after so many.
type failing struct {
	control.Lister
	ends int
}

func (f failing) EndMany(_ context.Context, keys []record.Key, why record.Reason) (int, error) {
	for _, key := range keys[:min(f.ends, len(keys))] {
		if _, err := f.Lister.End(context.Background(), key, why); err != nil {
			return 0, err
		}
	}
	return f.ends, fmt.Errorf("disk: %w", session.ErrUnavailable)
}

func (f failing) EndAll(context.Context, record.Reason) (int, error) {
	return 0, fmt.Errorf("disk: %w", session.ErrFull)
}

// Sessions that could not be ended are an error; the audit log has only those that
// were ended before.
func TestSessionsEnd_Failures(t *testing.T) {
	for _, ends := range []int{0, 1} {
		d := watchers(t, func(cfg *console.Config) { cfg.Visitors = failing{cfg.Visitors, ends} })
		a, b := d.visitor("Pema"), d.visitor("Sonam")
		ada := d.as("ada")
		if ends == 0 {
			ada.post("/admin/sessions/"+a.String()+"/end/").Wants(503, "Nothing was changed")
		}
		ada.post("/admin/sessions/end-all/", "words", "END ALL 2", "live", "2").Wants(503, "Nothing was changed")
		done := ada.post("/admin/sessions/end/", "handle", a.String(), "handle", b.String(), "sure", "yes")
		if ends == 0 {
			done.Wants(503)
			d.wantEntries(t)
			continue
		}
		done.Wants(303)
		ada.get("/admin/sessions/").Wants(200, "Only 1 of the sessions was ended.")
		if log := d.log.String(); strings.Count(log, "only some of the selected sessions could be ended") != 1 {
			t.Errorf("the log does not say once why sessions live on:\n%s", log)
		}
		d.wantEntries(t, revokedBy("ada", a))
	}
}

// An end that is not in the audit log is done, and said to be an error.
func TestSessionEnd_NotRecorded(t *testing.T) {
	d := watchers(t)
	pema, gone, sonam := d.visitor("Pema"), d.visitor("Karma"), d.visitor("Sonam")
	d.visitor("Dorje")
	ada := d.as("ada")
	ada.post("/admin/sessions/" + gone.String() + "/end/").Wants(303)
	d.refuseEntries()
	ada.post("/admin/sessions/" + pema.String() + "/end/").Wants(303)
	if d.live(pema) {
		t.Error("the session lives")
	}
	ada.get("/admin/sessions/").Wants(200, "The session was ended.", "could not be written to the audit log", `class="message error" role="alert"`)
	ada.post("/admin/sessions/end/", "handle", gone.String(), "handle", sonam.String(), "sure", "yes").Wants(303)
	ada.post("/admin/sessions/end-all/", "words", "END ALL 1", "live", "1").Wants(303)
	log := d.log.String()
	for _, want := range []string{"action=revoke object=" + pema.Fingerprint(), "action=revoke object=" + sonam.Fingerprint(), `action=revoke_all object="" count=1`} {
		if strings.Count(log, want) != 1 {
			t.Errorf("the log does not say once %s:\n%s", want, log)
		}
	}
	if strings.Contains(log, gone.Fingerprint()) || strings.Contains(log, pema.String()) {
		t.Errorf("the log has a session that was not ended, or a whole handle:\n%s", log)
	}
}
