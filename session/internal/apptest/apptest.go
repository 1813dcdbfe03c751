// Package apptest runs the same small app on every framework that package session
// has an adapter for, over real sockets, and checks what its visitors see.
package apptest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// An App serves these routes on sessions with this configuration until the test
// ends, and returns its URL. Each route answers the session's state and the value
// "name", such as "live Sonam", 409 for session.ErrEnded, and 202 for
// session.ErrNotDurable. A request with X-Forwarded-Proto: https is secure.
//
//	GET  /            Refresh
//	GET  /peek        Peek
//	POST /start?name= Start, sets the name
//	POST /save?name=  Update, sets the name
//	POST /rotate      Rotate
//	POST /end         End
//	/session/         Clock
type App func(*testing.T, session.Config) (url string)

// Text returns the answer for a view.
func Text(v session.View) string { return v.State.String() + " " + v.Values.String("name") }

type suite struct {
	*testing.T
	url   string
	store *storage.Storage
	clock *testkit.Clock

	unsynced atomic.Bool // ends are in memory only
}

// Run checks an app.
func Run(t *testing.T, app App) {
	for name, check := range map[string]func(*suite){
		"Session":       (*suite).session,
		"Expiry":        (*suite).expiry,
		"Rotate":        (*suite).rotate,
		"Strangers":     (*suite).strangers,
		"Several":       (*suite).several,
		"Names":         (*suite).names,
		"WritesNothing": (*suite).writesNothing,
		"EndWins":       (*suite).endWins,
		"NotDurable":    (*suite).notDurable,
		"Subject":       (*suite).subject,
		"Clock":         (*suite).clockRoutes,
	} {
		t.Run(name, func(t *testing.T) {
			s := &suite{T: t, clock: testkit.ClockAt(time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC))}
			var err error
			s.store, err = storage.Open(storage.Config{Database: t.TempDir() + "/sessions.db", Clock: s.clock})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.store.Close() })
			cfg := session.DefaultConfig()
			cfg.Store, cfg.Now, cfg.SubjectValue = sometimesDurable{s.store.Sessions(), &s.unsynced}, s.clock.Now, "name"
			cfg.SecureCookieName, cfg.PlainNameUntil = secureName, s.clock.Now().Add(plainCount)
			s.url = app(t, cfg)
			check(s)
		})
	}
}

// A visitor is a browser that keeps only the session cookie.
type visitor struct {
	*suite
	cookie string // "sessionid=..."; "": none
}

// ask sends a request and returns the status, the body and the cookie of the
// response.
func (v *visitor) ask(method, path string) (status int, body string, set *http.Cookie) {
	v.Helper()
	req, err := http.NewRequest(method, v.url+path, nil)
	if err != nil {
		v.Fatal(err)
	}
	if v.cookie != "" {
		req.Header.Set("Cookie", "theme=dark; "+v.cookie)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		v.Errorf("%s %s: %v", method, path, err)
		return 0, "", nil
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	if res.Header.Get("Cache-Control") != "no-store" || !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Cookie") {
		v.Errorf("%s %s: Cache-Control %q, Vary %q; want no-store and Cookie", method, path, res.Header.Get("Cache-Control"), res.Header.Values("Vary"))
	}
	return res.StatusCode, string(b), v.keep(res.Cookies())
}

// keep stores the cookie of a response, as a browser does.
func (v *visitor) keep(cookies []*http.Cookie) *http.Cookie {
	v.Helper()
	if len(cookies) == 0 {
		return nil
	}
	c := cookies[0]
	if len(cookies) > 1 || c.Name != "sessionid" || !c.HttpOnly || c.Path != "/" || c.SameSite != http.SameSiteLaxMode || c.Secure {
		v.Errorf("cookies = %v; want one sessionid, HttpOnly, Path=/, SameSite=Lax", cookies)
	}
	if v.cookie = "sessionid=" + c.Value; c.MaxAge < 0 {
		v.cookie = ""
	}
	return c
}

func (v *visitor) wants(method, path string, status int, body string) *http.Cookie {
	v.Helper()
	gotStatus, gotBody, c := v.ask(method, path)
	if gotStatus != status || gotBody != body {
		v.Errorf("%s %s = %d %q; want %d %q", method, path, gotStatus, gotBody, status, body)
	}
	return c
}

func (s *suite) session() {
	v := &visitor{suite: s}
	if c := v.wants("GET", "/", 200, "none "); c != nil {
		s.Errorf("cookie without a session = %v; want none", c)
	}
	if c := v.wants("POST", "/start?name=Sonam", 200, "live Sonam"); c == nil || c.MaxAge != 20 || !c.Expires.Equal(s.clock.Now().Add(20*time.Second)) {
		s.Errorf("cookie of a new session = %v; want 20 s", c)
	}
	s.clock.Advance(15 * time.Second)
	if c := v.wants("GET", "/peek", 200, "live Sonam"); c != nil {
		s.Errorf("cookie of a peek = %v; want none", c)
	}
	if c := v.wants("GET", "/", 200, "live Sonam"); c == nil || c.MaxAge != 20 {
		s.Errorf("cookie of a refresh = %v; want 20 s", c)
	}
	s.clock.Advance(19 * time.Second)
	v.wants("POST", "/save?name=Karma", 200, "live Karma")
	id := v.cookie
	v.wants("POST", "/start?name=Pema", 200, "live Pema")
	if v.cookie != id {
		s.Error("Start gave a live session another id")
	}
	v.wants("POST", "/end", 200, "none ")
	if v.cookie != "" {
		s.Error("the cookie of an ended session was not removed")
	}
	v.cookie = id
	v.wants("GET", "/", 200, "ended ")
	if v.cookie = id; v.wants("POST", "/save?name=x", 409, "ended ") != nil {
		s.Error("a refused change set a cookie")
	}
}

func (s *suite) expiry() {
	v := &visitor{suite: s}
	v.wants("POST", "/start?name=Sonam", 200, "live Sonam")
	id := v.cookie
	s.clock.Advance(20*time.Second - time.Millisecond)
	v.wants("GET", "/peek", 200, "live Sonam")
	s.clock.Advance(time.Millisecond)
	v.wants("GET", "/", 200, "ended ")
	v.cookie = id
	v.wants("POST", "/start?name=New", 200, "live New")
	if v.cookie == id {
		s.Error("Start kept the id of an expired session")
	}
}

func (s *suite) rotate() {
	v := &visitor{suite: s}
	v.wants("POST", "/start?name=Sonam", 200, "live Sonam")
	old := v.cookie
	v.wants("POST", "/rotate", 200, "live Sonam")
	if v.cookie == old {
		s.Error("Rotate kept the id")
	}
	late := &visitor{s, old}
	if c := late.wants("GET", "/", 200, "ended "); c != nil {
		s.Errorf("cookie for an id that was rotated = %v; want none, as the browser may have the new one", c)
	}
	v.wants("GET", "/", 200, "live Sonam")
}

// strangers checks that an id which the server did not make opens no session and is
// not given to one.
func (s *suite) strangers() {
	const planted = "sessionid=AAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, cookie := range []string{planted, "sessionid=x", planted + "; " + planted, planted + "; sessionid=x"} {
		v := &visitor{s, cookie}
		v.wants("GET", "/", 200, "none ")
		if removed := v.cookie == ""; removed != strings.Contains(cookie, planted) {
			s.Errorf("the cookie %q was removed: %t; want only one with the form of an id removed", cookie, removed)
		}
		v.cookie = cookie
		if v.wants("POST", "/start?name=Sonam", 200, "live Sonam"); v.cookie == cookie || v.cookie == planted {
			s.Errorf("Start used the id of %q", cookie)
		}
	}
}

// several checks which of several cookies counts: the only live one. Of two live ones
// none does, and both stay.
func (s *suite) several() {
	const dead, foreign = "sessionid=AAAAAAAAAAAAAAAAAAAAAAAAAA", "sessionid=k3vd2q0a9p7z1xw8c6bn5m4lj2hgf0ds"
	v := &visitor{suite: s}
	v.wants("POST", "/start?name=Sonam", 200, "live Sonam")
	other := &visitor{suite: s}
	other.wants("POST", "/start?name=Karma", 200, "live Karma")
	for _, cookie := range []string{foreign + "; " + v.cookie, v.cookie + "; " + foreign + "; " + v.cookie, dead + "; " + foreign + "; " + v.cookie} {
		both := &visitor{s, cookie}
		both.wants("GET", "/", 200, "live Sonam")
		both.cookie = cookie
		both.wants("POST", "/save?name=Sonam", 200, "live Sonam")
	}
	both := &visitor{s, v.cookie + "; " + other.cookie}
	for _, path := range []string{"POST /save?name=x", "POST /rotate", "POST /end", "GET /"} {
		method, path, _ := strings.Cut(path, " ")
		if status, body, c := both.ask(method, path); body != "none " || c != nil || (status == 409) != (method == "POST") {
			s.Errorf("%s %s with two live sessions = %d %q, cookie %v; want none, and no cookie", method, path, status, body, c)
		}
	}
	if both.wants("POST", "/start?name=Pema", 200, "live Pema"); both.cookie == v.cookie || both.cookie == other.cookie {
		s.Error("Start used one of two live sessions; want a new one")
	}
	v.wants("GET", "/", 200, "live Sonam")
	other.wants("GET", "/", 200, "live Karma")
}

// writesNothing checks that visits share the commits of the flushes.
func (s *suite) writesNothing() {
	v := &visitor{suite: s}
	v.wants("POST", "/start?name=Sonam", 200, "live Sonam")
	const requests = 200
	before, begin := s.store.Stats().Commits, time.Now()
	for range requests {
		s.clock.Advance(time.Millisecond)
		v.wants("GET", "/", 200, "live Sonam")
	}
	flushes := uint64(time.Since(begin)/(200*time.Millisecond)) + 2
	if n := s.store.Stats().Commits - before; n > flushes {
		s.Errorf("%d refreshes made %d commits; want at most the %d flushes of that time", requests, n, flushes)
	}
}

// endWins checks that a session which is ended during a save stays ended, whatever
// the save answers.
func (s *suite) endWins() {
	rounds := 500
	if testing.Short() {
		rounds = 50
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range rounds / 8 {
				s.endAgainstSave()
			}
		})
	}
	all.Wait()
}

// sometimesDurable is a store whose disk fails while unsynced is set.
type sometimesDurable struct {
	storage.Sessions
	unsynced *atomic.Bool
}

func (d sometimesDurable) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	ended, err := d.Sessions.End(ctx, k, why)
	if err == nil && d.unsynced.Load() {
		err = session.ErrNotDurable
	}
	return ended, err
}

// notDurable checks that a visitor who signs out is out, and told, while the disk
// does not know yet.
func (s *suite) notDurable() {
	v := &visitor{suite: s}
	v.wants("POST", "/start?name=Sonam", 200, "live Sonam")
	tab := &visitor{s, v.cookie}
	s.unsynced.Store(true)
	if status, _, set := v.ask("POST", "/end"); status != 202 || set == nil || v.cookie != "" {
		s.Errorf("POST /end while the disk fails = %d, cookie %v; want 202, removed", status, set)
	}
	tab.wants("GET", "/peek", 200, "ended ")
}

func (s *suite) endAgainstSave() {
	v := &visitor{suite: s}
	v.wants("POST", "/start?name=Sonam", 200, "live Sonam")
	tab := &visitor{s, v.cookie}
	id := v.cookie
	var both sync.WaitGroup
	both.Go(func() { tab.ask("POST", "/save?name=Karma") })
	both.Go(func() { v.ask("POST", "/end") })
	both.Wait()
	(&visitor{s, id}).wants("GET", "/peek", 200, "ended ")
}

// subject checks that a person can sign out everywhere else.
func (s *suite) subject() {
	cfg := session.DefaultConfig()
	cfg.Store = s.store.Sessions()
	p, err := session.New(cfg)
	if err != nil {
		s.Fatal(err)
	}
	var adas []*visitor
	for range 3 {
		v := &visitor{suite: s}
		v.wants("POST", "/start?name=Ada", 200, "live Ada")
		adas = append(adas, v)
	}
	eve := &visitor{suite: s}
	eve.wants("POST", "/start?name=Eve", 200, "live Eve")
	adas[1].wants("POST", "/rotate", 200, "live Ada")
	here := session.ParseToken(strings.TrimPrefix(adas[1].cookie, "sessionid="))
	if n, err := p.EndSubject(s.Context(), "Ada", here); n != 2 || err != nil {
		s.Errorf("EndSubject() = %d, %v; want 2, nil", n, err)
	}
	adas[0].wants("GET", "/", 200, "ended ")
	adas[1].wants("GET", "/", 200, "live Ada")
	adas[2].wants("GET", "/", 200, "ended ")
	eve.wants("GET", "/", 200, "live Eve")
	eve.wants("POST", "/save?name=Ada", 200, "live Ada") // the session gets another subject
	if rows, err := p.OfSubject(s.Context(), "Ada"); len(rows) != 2 || err != nil {
		s.Errorf("OfSubject() = %d sessions, %v; want 2", len(rows), err)
	}
}
