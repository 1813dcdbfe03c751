package e2e

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

// The name of the site in the proxies' files.
const siteName = "pages.example.com"

// forged are headers by which a client could pass for another one, if a proxy passed them on.
var forged = []string{
	"X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 203.0.113.10", "X-Forwarded-Proto: http", "X-Forwarded-Host: evil.example",
	"Forwarded: for=203.0.113.9;proto=http;host=evil.example", "X-Request-ID: forged", "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}

// A remote is a browser that reaches a site through a proxy: it resolves each name to the proxy,
// keeps cookies by the rules of browsers, and sends Origin and Referer.
type remote struct {
	t    *testing.T
	site string // https://pages.example.com
	http *http.Client

	forges bool // sends what proxies send, to be taken for another client
}

// browse returns a browser on the machine with this address, such as 127.0.0.5.
func browse(t *testing.T, site, proxyAddr, from string) *remote {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	carrier := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, proxyAddr)
		},
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // the test's own certificate
		ForceAttemptHTTP2: true,                                  // as browsers do
	}
	t.Cleanup(carrier.CloseIdleConnections)
	return &remote{t: t, site: site, http: &http.Client{Transport: carrier, Jar: jar, Timeout: testkit.Patience}}
}

// do sends a form, or with nil a GET, from a page of the site, and follows redirects.
func (v *remote) do(path string, form url.Values, headers ...string) (status int, text string) {
	v.t.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, v.site+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("User-Agent", "Mozilla/5.0")
	req.Header.Set("Referer", v.site+"/")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", v.site)
	}
	if strings.HasPrefix(v.site, "https:") {
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	v.forge(req)
	res, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// forge adds the forged headers to a request, if the browser does that.
func (v *remote) forge(req *http.Request) {
	if !v.forges {
		return
	}
	for _, h := range forged {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
}

func (v *remote) wants(path string, form url.Values, status int, part string) {
	v.t.Helper()
	if got, text := v.do(path, form); got != status || !strings.Contains(text, part) {
		v.t.Errorf("%s%s = %d; want %d and %q in\n%s", v.site, path, got, status, part, text)
	}
}

// cookies returns the names of the cookies that the browser sends to a path.
func (v *remote) cookies(path string) string {
	u, err := url.Parse(v.site + path)
	if err != nil {
		v.t.Fatal(err)
	}
	var names []string
	for _, c := range v.http.Jar.Cookies(u) {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

var credentials = url.Values{"username": {"ada"}, "password": {consolePassword}}

// withOperator makes the first superuser by the command, before the server runs.
func withOperator(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	if r := newOperator(dir, "ada"); r.code != 0 {
		t.Fatalf("createsuperuser = %+v", r)
	}
	return dir
}

// startOnSocket starts a server with an operator on a Unix socket that the proxy's user can reach.
func startOnSocket(t *testing.T) (s *server, socket string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "pagesession") // short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(folder, "http.sock")
	dir := withOperator(t)
	return launchOn(t, dir, socket, command("--addr", "unix:"+socket+",mode=0666", "--data-dir", dir,
		"--allowed-hosts="+siteName, "--trusted-proxies=unix")), socket
}

// launchOn starts cmd, which listens on a socket, and waits until it serves.
func launchOn(t *testing.T, dir, socket string, cmd *exec.Cmd) *server {
	t.Helper()
	s := begin(t, dir, cmd, overSocket(t, socket))
	s.awaitOn(socket)
	return s
}
