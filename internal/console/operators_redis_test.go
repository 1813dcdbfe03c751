package console_test

import (
	"strings"
	"testing"
	"time"

	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/monitor"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage/redis"
)

// operatorsOnRedis is a console whose operators have their sessions in Redis, as the server
// keeps them. The server gives a call half a second, which a busy machine can need.
func operatorsOnRedis(t *testing.T, call time.Duration) (*fixture, *testredis.Server) {
	t.Helper()
	server := testredis.New(t)
	open := func(prefix string) *redis.Store {
		store, err := redis.Open(t.Context(), redis.Config{Addresses: []string{server.Addr}, Prefix: prefix, CommandTimeout: call})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	visitors, operators := open("ps:"), open("ps:op:")
	policy, err := fiberv2.New(fiberv2.Config{Config: session.Config{
		Store: operators, CookieName: "adminid", SubjectValue: console.SubjectValue, CookiePath: "/admin/", SameSite: "Lax",
		IdleTimeout: 15 * time.Minute, AbsoluteTimeout: 8 * time.Hour,
	}})
	if err != nil {
		t.Fatal(err)
	}
	d := openConsole(t, func(cfg *console.Config) {
		cfg.Sessions, cfg.Operators = policy, control.ServerSessions{Store: operators}
		cfg.Visitors = control.ServerSessions{Store: visitors}
		cfg.Files = func() []health.File {
			return []health.File{health.OfRedis("redis://here", operators.Health(), time.Now())}
		}
	})
	d.superuser("ada")
	return d, server
}

// Operators' sessions in Redis: a user has five at most, ends their others, and the end of all
// visitors' sessions ends none.
func TestOperators_OnRedis(t *testing.T) {
	d, _ := operatorsOnRedis(t, 5*time.Second)
	oldest := d.as("ada")
	var newer []*browser
	for range 5 {
		newer = append(newer, d.as("ada"))
	}
	if at := oldest.get("/admin/").Leads(); !strings.Contains(at, "was=replaced") {
		t.Errorf("the oldest of six sessions leads to %q; want that it was replaced", at)
	}
	ada := newer[0]
	ada.get("/admin/sessions/end-all/").Wants(200)
	ada.post("/admin/sessions/end-all/", "words", "END ALL 0", "live", "0")
	ada.get("/admin/own-sessions/").Wants(200, "You have 5 sessions")
	ada.post("/admin/own-sessions/end-others/", "old", password).Wants(303)
	for _, b := range newer[1:] {
		if at := b.get("/admin/").Leads(); !strings.Contains(at, "was=revoked") {
			t.Errorf("another session leads to %q; want that it was ended", at)
		}
	}
	ada.get("/admin/").Wants(200)
}

// A session that timed out says so on the sign-in page, though Redis does not know which of
// the timeouts it was.
func TestOperators_TimedOutOnRedis(t *testing.T) {
	d, server := operatorsOnRedis(t, 5*time.Second)
	ada := d.as("ada")
	ada.get("/admin/").Wants(200)
	// What a TTL does; in Redis itself, because a key has bytes of any value.
	server.Text(t, "EVAL", "for _, k in ipairs(redis.call('KEYS', 'ps:op:{??}s*')) do redis.call('DEL', k) end return 'OK'", "0")
	at := ada.get("/admin/users/").Leads()
	if !strings.Contains(at, "was=timeout") {
		t.Fatalf("leads to %q; want the reason", at)
	}
	ada.get(at).Wants(200, "after a time without activity, or because", `ended=""`)
}

// While Redis is away, the console says so and what to do; it signs no operator out, and an
// open dashboard hears of it. Then the session goes on.
func TestOperators_RedisAway(t *testing.T) {
	d, server := operatorsOnRedis(t, time.Second)
	ada := d.as("ada")
	s := ada.watch()
	defer s.close()
	s.next()
	server.Pause(t)
	for _, address := range []string{"/admin/", "/admin/users/", "/admin/session/", "/admin/login/"} {
		a := ada.get(address).Wants(503, "<h1>Sessions unavailable</h1>", "The console waits for it", "Operators who are signed in stay signed in", "heck that Redis runs").Lacks("Nothing was changed", "was signed out", "work as usual")
		if a.Header.Get("Retry-After") == "" || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("GET %s: Retry-After %q, Set-Cookie %q; want only the first", address, a.Header.Get("Retry-After"), a.Header.Get("Set-Cookie"))
		}
	}
	ada.post("/admin/logout/").Wants(503, `<a class="button main" href="/admin/">Try again`)
	d.signedOut().post("/admin/login/", "username", "ada", "password", password).Wants(503, "Sessions unavailable", "stay signed in").Lacks("Your permissions")
	d.monitor.add(monitor.Counters{Sessions: 7})
	if said := s.next(); !strings.Contains(said, "event: files") || !strings.Contains(said, "Redis is unavailable") || strings.Contains(said, "id: 1") {
		t.Errorf("the open dashboard hears %q; want the banner without samples", said)
	}
	server.Continue(t)
	d.eventually("the session goes on", func() bool { return ada.get("/admin/").StatusCode == 200 })
	d.monitor.add(monitor.Counters{Sessions: 8})
	if said := s.next(); !strings.Contains(said, "id: 2") {
		t.Errorf("the dashboard hears %q after the outage; want the samples that waited", said)
	}
	ada.post("/admin/logout/").Wants(303)
	s.ends("after the sign-out", "deleted")
}

// eventually waits until ok.
func (d *fixture) eventually(what string, ok func() bool) {
	d.t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			d.t.Fatalf("after 30 s: not yet: %s", what)
		}
	}
}
