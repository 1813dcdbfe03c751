package app

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/metrics"
	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
)

// onMetrics returns settings for a server whose metrics are on a socket, and a function that
// scrapes them.
func onMetrics(t *testing.T, cfg config.Config) (config.Config, func() string) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "m")
	cfg.MetricsAddr = "unix:" + socket
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	return cfg, func() string {
		a, err := client.Get("http://localhost" + metrics.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = a.Body.Close() }()
		text, err := io.ReadAll(a.Body)
		if err != nil || a.StatusCode != 200 {
			t.Fatalf("a scrape = %d, %v", a.StatusCode, err)
		}
		return string(text)
	}
}

// wantLines scrapes until each line is there: an answer is counted just before it is sent, but the
// end of a connection and a sample of Redis come later.
func wantLines(t *testing.T, scrape func() string, lines ...string) {
	t.Helper()
	end := time.Now().Add(30 * time.Second)
	for _, line := range lines {
		for text := scrape(); !strings.Contains(text, "\n"+line+"\n"); text = scrape() {
			if time.Now().After(end) {
				name, _, _ := strings.Cut(line, " ")
				t.Errorf("the metrics lack %q; they have %q", line, regexp.MustCompile("(?m)^"+regexp.QuoteMeta(name)+".*$").FindAllString(text, -1))
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// browse does what a visitor does, and returns the last cookie.
func browse(t *testing.T, addr string) (cookie string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Jar: jar}
	for _, path := range []string{"/set/?name=Sonam", "/get/", "/get/", "/nothing/Sonam/", "/del/", "/set/?name=Ada"} {
		a, err := client.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range a.Cookies() {
			if c.Name == "sessionid" && c.Value != "" {
				cookie = c.Value
			}
		}
		_ = a.Body.Close()
	}
	return cookie
}

// The metrics count what a visitor does, with sessions in the file. They have neither the id nor
// the name nor the address of a visitor, and are gone when the server has stopped.
func TestMetrics_File(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	cfg, scrape := onMetrics(t, cfg)
	addr, stop := serveIn(t, cfg, io.Discard)
	id := browse(t, addr)
	wantLines(t, scrape,
		"pagesession_ready 1", "pagesession_sessions_live 1", "pagesession_sessions_created_total 2", "pagesession_sessions_extended_total 2",
		`pagesession_sessions_ended_total{reason="deleted"} 1`,
		`pagesession_http_requests_total{class="2xx",route="/get/"} 2`, `pagesession_http_request_duration_seconds_count{route="/get/"} 2`,
		`pagesession_http_requests_total{class="4xx",route="other"} 1`,
		`pagesession_state{part="visitors",state="ok"} 1`, `pagesession_state{part="operators",state="ok"} 1`, `pagesession_state{part="accounts",state="ok"} 1`,
		`pagesession_limit{limit="sessions"} 1e+06`, `pagesession_limit_used{limit="sessions"} 1`, `pagesession_limit{limit="client_sessions"} 100000`,
		`pagesession_limit{limit="connections"} 10000`, `pagesession_changes_total 3`, `pagesession_sign_ins_total{outcome="accepted"} 0`,
	)
	text := scrape()
	for _, secret := range []string{id, "Sonam", "127.0.0.1", cfg.DataDir} {
		if secret == "" || strings.Contains(text, secret) {
			t.Errorf("the metrics have %q", secret)
		}
	}
	for _, name := range []string{"pagesession_disk_free_bytes", "pagesession_session_file_bytes", "pagesession_commit_duration_seconds_count", "pagesession_commit_bytes_total", "process_open_fds"} {
		if !regexp.MustCompile("(?m)^"+name+" [1-9]").MatchString(text) && (name != "process_open_fds" || strings.Contains(text, "process_")) {
			t.Errorf("%s is missing or 0", name)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("unix", strings.TrimPrefix(cfg.MetricsAddr, "unix:")); err == nil {
		_ = c.Close()
		t.Error("the metrics answer after the stop")
	}
}

// The same with sessions on Redis.
func TestMetrics_Redis(t *testing.T) {
	server := testredis.New(t)
	cfg, scrape := onMetrics(t, onRedis(t, "redis://"+server.Addr))
	addr, _ := serveIn(t, cfg, io.Discard)
	browse(t, addr)
	wantLines(t, scrape,
		"pagesession_ready 1", "pagesession_sessions_live 1", "pagesession_sessions_created_total 2", "pagesession_sessions_extended_total 2",
		`pagesession_sessions_ended_total{reason="deleted"} 1`, "pagesession_servers 1", "pagesession_servers_notices 0", "pagesession_redis_retries_total 0",
		`pagesession_state{part="visitors",state="ok"} 1`,
	)
	if text := scrape(); strings.Contains(text, "pagesession_session_file_bytes") || strings.Contains(text, `{limit="sessions"}`) {
		t.Errorf("the metrics have those of the file:\n%s", text)
	}
	server.Kill(t)
	wantLines(t, scrape, `pagesession_state{part="visitors",state="unavailable"} 1`)
}

// An address in use ends the start, with what to do.
func TestMetrics_AddressInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir, cfg.MetricsAddr = "127.0.0.1:0", t.TempDir(), ln.Addr().String()
	err = Run(t.Context(), cfg, slog.New(slog.DiscardHandler), Process{})
	if err == nil || !strings.Contains(err.Error(), "listen on "+cfg.MetricsAddr) || !strings.HasSuffix(err.Error(), "choose another address with --metrics-addr, or leave it out") {
		t.Errorf("Run = %v; want what to do", err)
	}
}

// Each route of the pages is in the label.
func TestMetrics_EachRoute(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir, cfg.Debug = "127.0.0.1:0", t.TempDir(), true
	addr, _ := serveIn(t, cfg, io.Discard)
	a, err := http.Get("http://" + addr + "/nothing/") // which lists the routes, with --debug
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	found := 0
	path := regexp.MustCompile(`(?:OPTIONS|HEAD|GET|POST) (/[^<]*)<`)
	for lines := bufio.NewScanner(a.Body); lines.Scan(); {
		for _, p := range path.FindAllStringSubmatch(lines.Text(), -1) {
			found++
			if metrics.RouteOf([]byte(p[1])) == metrics.Other && !strings.HasPrefix(p[1], "/nothing/") {
				t.Errorf("%s counts as another route", p[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("the page of --debug has %d routes; want all", found)
	}
}

// At --max-sessions refused creations are counted. Operators' sessions are, too.
func TestMetrics_FullAndOperators(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir, cfg.MaxSessions = "127.0.0.1:0", t.TempDir(), 1
	ada := control.NewSuperuser{Username: "ada", Password: "a perfectly fine one"}
	if _, err := control.CreateSuperuser.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), ada); err != nil {
		t.Fatal(err)
	}
	cfg, scrape := onMetrics(t, cfg)
	addr, _ := serveIn(t, cfg, io.Discard)
	visitor, operator := testkit.At(t, "http://"+addr), testkit.At(t, "http://"+addr)
	visitor.Get("/set/?name=Ada").Wants(200)
	visitor.Get("/set/?name=Bob").Wants(503)
	operator.Jar = map[string]string{}
	operator.Get("/admin/login/").Wants(200)
	operator.Post("/admin/login/", testkit.Form("username", "ada", "password", string(ada.Password)), testkit.Header("Origin", "http://"+addr)).Wants(303)
	wantLines(t, scrape, `pagesession_refusals_total{limit="sessions"} 1`, `pagesession_refusals_total{limit="client_sessions"} 0`, "pagesession_operator_sessions_live 1")
}
