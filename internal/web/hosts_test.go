package web

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/hosts"
	"pagesession/internal/testkit"
	"pagesession/session"
)

// The header may be fine and the target not, or the other way round.
func TestKnownHost_LooksAtBoth(t *testing.T) {
	h := hosts.Local()
	for _, tt := range []struct {
		host, target string
		want         bool
	}{
		{"localhost", "/get/", true},
		{"LocalHost:8000", "/get/", true},
		{"localhost", "http://localhost/get/", true},
		{"localhost", "http://evil.example/get/", false},
		{"evil.example", "http://localhost/get/", false},
		{"evil@localhost", "/get/", false},
		{"localhost", "//evil.example/", true}, // a path, and then a 404
		{"localhost", "/set/?name=http://evil.example/", true},
	} {
		var req fasthttp.Request
		req.Header.SetHost(tt.host)
		req.Header.SetRequestURI(tt.target)
		if got := knownHost(h, &req); got != tt.want {
			t.Errorf("Host %q, target %q: knownHost = %v; want %v", tt.host, tt.target, got, tt.want)
		}
	}
}

func TestKnownHost_NoAllocations(t *testing.T) {
	h := hosts.Local()
	var req fasthttp.Request
	req.Header.SetHost("localhost:8000")
	req.Header.SetRequestURI("/get/")
	if n := testing.AllocsPerRun(100, func() { knownHost(h, &req) }); n > 0 {
		t.Errorf("knownHost allocates %v times; want 0", n)
	}
}

// The page of a refused host has a stylesheet that loads, and leads nowhere else.
func TestRefusedHost_Page(t *testing.T) {
	app, f := newApp(t, liveView("Sonam"))
	const host = "Host: 10.42.8.201:8000"
	a := ask(t, app, "GET", "/", "", host).Wants(400, "Unknown address", "its log says how to add the name").Lacks("10.42", "Home page")
	checkHeaders(t, a)
	_, sheet, _ := strings.Cut(a.Text, `rel="stylesheet" href="`)
	sheet, _, _ = strings.Cut(sheet, `"`)
	if css := ask(t, app, "GET", sheet, "", host).Wants(200); css.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("GET %s is %q; want a stylesheet", sheet, css.Header.Get("Content-Type"))
	}
	if calls := f.called(); calls != "" {
		t.Errorf("calls = %q; want none", calls)
	}
}

func hostApp(t *testing.T) (get func(host string) *testkit.Reply, log *bytes.Buffer, pass func(time.Duration)) {
	t.Helper()
	log = new(bytes.Buffer)
	now := time.Date(2026, 11, 22, 22, 22, 5, 0, time.UTC)
	app, _ := newApp(t, session.View{}, func(cfg *Config) {
		cfg.Now = func() time.Time { return now }
		cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	})
	return func(host string) *testkit.Reply { return ask(t, app, "GET", "/get/", "", "Host: "+host) }, log, func(d time.Duration) { now = now.Add(d) }
}

// The log names each host once, as a list would have it, and no text that could be
// taken for something else.
func TestRefusedHost_Log(t *testing.T) {
	get, log, pass := hostApp(t)
	for range 3 {
		get("10.42.8.201:8000").Wants(400)
		get("10.42.8.201").Wants(400)
		pass(2 * time.Second)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `msg="refused host 10.42.8.201; add it with --allowed-hosts, or have the reverse proxy pass the Host header on"`) {
		t.Errorf("the log says %s; want one line that names the host", got)
	}
	log.Reset()
	for _, host := range []string{"a b", `x"y`, "evil;rm", strings.Repeat("a", 300), "a@b"} {
		pass(time.Minute)
		get(host).Wants(400)
	}
	get("localhost").Wants(200)
	if log.Len() > 0 {
		t.Errorf("the log says %s; want nothing of names that no list can have", log)
	}
}

// Strangers can make up names; the log hears of one a second, and of a hundred an hour.
func TestRefusedHost_LogIsBounded(t *testing.T) {
	get, log, pass := hostApp(t)
	lines := func() int { n := strings.Count(log.String(), "\n"); log.Reset(); return n }
	for i := range 10 {
		get(fmt.Sprintf("h%d.example", i))
	}
	if n := lines(); n != 1 {
		t.Errorf("%d lines in a second; want 1", n)
	}
	for i := range 2 * maxRefused {
		pass(time.Second)
		get(fmt.Sprintf("n%d.example", i))
	}
	if n := lines(); n != maxRefused-1 {
		t.Errorf("%d more lines in the hour; want %d", n, maxRefused-1)
	}
	pass(time.Hour)
	get("pages.lan")
	if n := lines(); n != 1 {
		t.Errorf("%d lines an hour later; want 1", n)
	}
}
