package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pagesession/internal/client"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/testkit"
)

// No line of any log has an id, a cookie, a password, a handle, a query or a header, at the
// lowest level, with --debug and the access log, after requests to all routes.
func TestAccessLog_TellsNothing(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir, cfg.AccessLog, cfg.LogLevel, cfg.Debug = "127.0.0.1:0", t.TempDir(), config.AccessOn, slog.LevelDebug, true
	const password = "secret but perfectly fine"
	ada := control.NewSuperuser{Username: "ada", Password: password}
	if _, err := control.CreateSuperuser.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), ada); err != nil {
		t.Fatal(err)
	}
	var log testkit.Log
	addr, stop := serveLogged(t, cfg, &log)
	visitor, operator := testkit.At(t, "http://"+addr), testkit.At(t, "http://"+addr)
	for _, c := range []*testkit.Client{visitor, operator} {
		c.Jar = map[string]string{}
		c.Defaults = []testkit.Option{testkit.Header("X-Request-ID", "secretrequest"), testkit.Header("User-Agent", "secretagent")}
	}
	secrets := []string{"secret"}
	seen := func(r *testkit.Reply) {
		for _, cookie := range r.Cookies() {
			if len(cookie.Value) > 8 {
				secrets = append(secrets, cookie.Value)
			}
		}
	}
	visitor.OnReply, operator.OnReply = seen, seen
	own := testkit.Header("Origin", "http://"+addr)
	operator.Get("/admin/login/").Wants(200)
	operator.Post("/admin/login/", testkit.Form("username", "ada", "password", "secretwrong"), own).Wants(403)
	operator.Post("/admin/login/", testkit.Form("username", "ada", "password", password), own).Wants(303)
	visitor.Get("/set/?name=secretname").Wants(200)
	handle := regexp.MustCompile(`/admin/sessions/([0-9a-f]{8,})/`).FindStringSubmatch(operator.Get("/admin/sessions/").Text)
	if handle == nil {
		t.Fatal("the list has no session")
	}
	secrets = append(secrets, handle[1])
	page := visitor.Get("/nothing/?secretquery")
	paths := regexp.MustCompile(`(?:OPTIONS|HEAD|GET|POST) (/[^<.]*)<`).FindAllStringSubmatch(page.Text, -1)
	if len(paths) < 10 {
		t.Fatalf("the page of --debug has %d routes", len(paths))
	}
	for _, p := range paths {
		if !strings.Contains(p[1], "stream") { // it does not end
			visitor.Get(p[1] + "?x=secretquery")
		}
		visitor.Post(p[1]+"?x=secretquery", testkit.Form("name", "secretform"), own)
	}
	for _, path := range []string{"/admin/sessions/" + handle[1] + "/", "/admin/sessions/" + handle[1] + "/nothing/", "/admin/users/?q=secretsearch", "/static/secretfile"} {
		operator.Get(path)
	}
	operator.Post("/admin/sessions/"+handle[1]+"/end/", testkit.Form("x", "secretform"), own)
	for _, raw := range []string{"GET /secret HTTP/9\r\nCookie: sessionid=secretid\r\n\r\n", "secret\r\n\r\n", "GET / HTTP/1.1\r\nCookie secretid\r\n\r\n"} {
		testkit.Dial(t, addr).Ask(raw)
	}
	awaitLines(t, &log, "route=other status=400", 3) // of the last requests
	operator.CloseIdleConnections()
	visitor.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	text := log.String()
	for _, secret := range secrets {
		if at := strings.Index(strings.ToLower(text), strings.ToLower(secret)); at >= 0 {
			t.Errorf("the log has the secret %q: %.200q", secret, text[max(0, at-100):])
		}
	}
	for _, line := range []string{"method=GET route=/set/ status=200 class=2xx", "route=/admin/ status=403", "route=other status=404", "address=127.0.0.1", "level=DEBUG"} {
		if !strings.Contains(text, line) {
			t.Errorf("the log lacks %q", line)
		}
	}
	if len(secrets) < 5 {
		t.Errorf("the test knows only the secrets %q", secrets)
	}
}

// awaitLines waits until the log has a text that often: on a busy machine lines come late, and
// a stop does not wait for them for long.
func awaitLines(t *testing.T, log *testkit.Log, text string, times int) {
	t.Helper()
	for end := time.Now().Add(testkit.Patience); strings.Count(log.String(), text) < times; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the log lacks %q:\n%s", text, log)
		}
	}
}

// The id that a trusted proxy sends is in the access log, in the log of errors and, with
// --debug, on the page.
func TestAccessLog_RequestID(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir, cfg.AccessLog, cfg.Debug = "127.0.0.1:0", t.TempDir(), config.AccessOn, true
	cfg.TrustedProxies, _ = client.Parse("127.0.0.1")
	var log testkit.Log
	addr, stop := serveLogged(t, cfg, &log)
	proxy := testkit.At(t, "http://"+addr)
	proxy.Get("/nothing/", testkit.Header("X-Request-ID", "from-the-proxy.7")).Wants(404, "Request from-the-proxy.7<")
	awaitLines(t, &log, "msg=request ", 1)
	proxy.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`msg="error page shown"`, "msg=request "} {
		if !regexp.MustCompile(regexp.QuoteMeta(line) + `.*request=from-the-proxy.7\n`).MatchString(log.String()) {
			t.Errorf("the log lacks %s with the id:\n%s", line, log.String())
		}
	}
}

// By default nothing is told of an answer, so it costs nothing.
func TestObserver_OffByDefault(t *testing.T) {
	a := &app{cfg: defaults(t), log: slog.New(slog.DiscardHandler)}
	if a.access = a.newAccessLog(); a.access != nil || a.observer() != nil {
		t.Errorf("access log %v, observer %v; want neither", a.access, a.observer() != nil)
	}
}

// Lines that the reader of stderr does not take are in the metrics.
func TestMetrics_DroppedLines(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir, cfg.AccessLog = "127.0.0.1:0", t.TempDir(), config.AccessSampled
	cfg, scrape := onMetrics(t, cfg)
	addr, _ := serveAs(t, cfg, Process{Dropped: func() uint64 { return 7 }}, io.Discard)
	if a, err := http.Get(fmt.Sprintf("http://%s/get/", addr)); err == nil {
		_ = a.Body.Close()
	}
	wantLines(t, scrape, `pagesession_log_lines_dropped_total{cause="access_queue"} 0`, `pagesession_log_lines_dropped_total{cause="reader"} 7`,
		`pagesession_http_requests_total{class="2xx",route="/get/"} 1`)
}
