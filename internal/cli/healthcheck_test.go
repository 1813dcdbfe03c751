package cli_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"pagesession/internal/app"
	"pagesession/internal/config"
	"pagesession/internal/testkit"

	"github.com/spf13/pflag"
)

// startWith runs a server with settings from the environment until the test ends, and returns
// its URL.
func startWith(t *testing.T, environ ...string) string {
	t.Helper()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.Bind(flags)
	loaded, err := config.Load(flags, environ, "serve")
	if err != nil {
		t.Fatal(err)
	}
	found, done := make(testkit.Serving, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { done <- app.Run(ctx, loaded.Config, slog.New(found), app.Process{}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case url := <-found:
		return url
	case <-time.After(testkit.Patience):
		t.Fatal("the server says nothing")
		return ""
	}
}

// hostOf returns the host and port of a URL.
func hostOf(url string) string {
	_, host, _ := strings.Cut(url, "://")
	host, _, _ = strings.Cut(host, "/")
	return host
}

// healthcheck finds the server by the settings in its environment: over http below a base path,
// over https, and on a Unix socket. Without it, it fails.
func TestHealthcheck_BySettings(t *testing.T) {
	own := testkit.NewCertificate(t, time.Now().Add(time.Hour), "pages.example")
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for name, content := range map[string][]byte{cert: own.CertPEM, key: own.KeyPEM} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	secure := []string{"PAGESESSION_TLS_CERT=" + cert, "PAGESESSION_TLS_KEY=" + key}
	for name, environ := range map[string][]string{
		"http":      {},
		"base path": {"PAGESESSION_BASE_PATH=/pages/"},
		"https":     secure,
		"all":       append([]string{"PAGESESSION_BASE_PATH=/pages/"}, secure...),
	} {
		t.Run(name, func(t *testing.T) {
			p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
			addr := hostOf(startWith(t, append(environ, "PAGESESSION_ADDR=127.0.0.1:0", "PAGESESSION_DATA_DIR="+p.dir)...))
			if r := p.with(new(script), append(environ, "PAGESESSION_ADDR="+addr), "healthcheck"); r.code != 0 || r.stdout != "ready\n" || r.stderr != "" {
				t.Errorf("healthcheck = %+v; want 0, ready", r)
			}
			all := strings.Replace(addr, "127.0.0.1", "", 1) // an address of all interfaces is this machine's
			if r := p.with(new(script), append(environ, "PAGESESSION_ADDR=127.0.0.1:1"), "healthcheck", "--addr", all); r.code != 0 || r.stdout != "ready\n" {
				t.Errorf("healthcheck --addr %s = %+v; want 0, ready", all, r)
			}
		})
	}
	t.Run("unix", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("no sockets")
		}
		p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
		addr := "unix:" + filepath.Join(t.TempDir(), "http.sock")
		startWith(t, "PAGESESSION_ADDR="+addr, "PAGESESSION_DATA_DIR="+p.dir)
		for _, args := range [][]string{{}, {"--url", addr}} {
			if r := p.with(new(script), []string{"PAGESESSION_ADDR=" + addr}, append([]string{"healthcheck"}, args...)...); r.code != 0 || r.stdout != "ready\n" {
				t.Errorf("healthcheck %q on a socket = %+v; want 0, ready", args, r)
			}
		}
	})
}

// What is not ready, or no server, is 1 with the reason in one line.
func TestHealthcheck_NotReady(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "not ready: the server is starting: waiting for Redis\n\x1b[2J", http.StatusServiceUnavailable)
	})
	mux.HandleFunc("/moved/readyz", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/fine/readyz", http.StatusFound) })
	mux.HandleFunc("/fine/readyz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ready")) })
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<h1>long</h1>"))
	})
	mux.HandleFunc("/other/readyz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>ready</h1>")) })
	server := httptest.NewServer(mux)
	defer server.Close()
	secure := httptest.NewTLSServer(mux)
	defer secure.Close()
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	at := hostOf(server.URL)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--addr", at}, "the server at " + at + " answers 503 Service Unavailable: not ready: the server is starting: waiting for Redis"},
		{[]string{"--url", server.URL}, "the server at " + server.URL + "/readyz answers 503 "},
		{[]string{"--url", server.URL + "/moved/"}, "/moved/readyz answers 302 Found"},
		{[]string{"--url", server.URL + "/page"}, "/page answers 404 Not Found\n"},
		{[]string{"--url", server.URL + "/other/"}, "/other/readyz answers 200 OK, but not that it is ready: another program may have the port; check --addr,"},
		{[]string{"--url", secure.URL + "/fine/"}, "failed to verify certificate"},
		{[]string{"--addr", "127.0.0.1:1"}, "the server at 127.0.0.1:1 does not answer: dial tcp 127.0.0.1:1: connect: connection refused; start it, or name its address with --addr or --url\n"},
		{[]string{"--addr", "127.0.0.1:0"}, "--addr has port 0, so the server's port is unknown; name it with --url"},
		{[]string{"--addr", "nowhere"}, `--addr="nowhere" is not host:port`},
	} {
		r := p.do(append([]string{"healthcheck"}, tt.args...)...)
		if r.code != 1 || r.stdout != "" || !strings.Contains(r.stderr, tt.want) || strings.Count(r.stderr, "\n") != 1 || strings.Contains(r.stderr, "\x1b") {
			t.Errorf("healthcheck %q = %+v; want 1 and %q in one line", tt.args, r, tt.want)
		}
	}
	if r := p.do("healthcheck", "--url", server.URL+"/fine/"); r.code != 0 || r.stdout != "ready\n" {
		t.Errorf("healthcheck --url = %+v; want 0, ready", r)
	}
	if _, err := os.Stat(p.dir); err == nil {
		t.Error("healthcheck made the data folder")
	}
	for _, url := range []string{"127.0.0.1:8000", "ftp://x/", "http://", "http://user:secret@x/", "unix:relative"} {
		if r := p.do("healthcheck", "--url", url); r.code != 1 || strings.Contains(r.stderr, "secret") || !strings.Contains(r.stderr, "--url is not ") {
			t.Errorf("healthcheck --url %s = %+v; want 1, without a password", url, r)
		}
	}
}
