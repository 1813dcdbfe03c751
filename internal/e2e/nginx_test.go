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
	"time"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/nginx"
)

// The name of the site in deploy/nginx.conf.
const siteName = "pages.example.com"

// A remote is a browser that reaches a site through nginx: it resolves each name to nginx,
// keeps cookies by the rules of browsers, and sends Origin and Referer.
type remote struct {
	t    *testing.T
	site string // https://pages.example.com
	http *http.Client
}

// browse returns a browser on the machine with this address, such as 127.0.0.5.
func browse(t *testing.T, site, nginxAddr, from string) *remote {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	carrier := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, nginxAddr)
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the test's own certificate
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

// deployed returns deploy/nginx.conf for a server at upstream, with an address of the
// test's instead of both ports.
func deployed(t *testing.T, upstream string, edits ...string) nginx.Config {
	t.Helper()
	b, err := os.ReadFile("../../deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	conf, _, _ := strings.Cut(string(b), "\nserver {\n\tlisten 80;")
	edits = append([]string{"server 127.0.0.1:8000", "server " + upstream, "listen 443 ssl", "listen ADDRESS ssl",
		"/etc/ssl/" + siteName + ".pem", "site.pem", "/etc/ssl/private/" + siteName + ".key", "site.key"}, edits...)
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(conf, edits[i]) {
			t.Fatalf("deploy/nginx.conf lacks %q", edits[i])
		}
		conf = strings.ReplaceAll(conf, edits[i], edits[i+1])
	}
	own := testkit.NewCertificate(t, time.Now().Add(time.Hour), siteName)
	return nginx.Config{HTTP: conf, Files: map[string][]byte{"site.pem": own.CertPEM, "site.key": own.KeyPEM}}
}

// withOperator makes the first superuser by the command, before the server runs.
func withOperator(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	if r := newOperator(dir, "ada"); r.code != 0 {
		t.Fatalf("createsuperuser = %+v", r)
	}
	return dir
}

// The file in deploy/, as it stands.
func TestNginx_TLS(t *testing.T) {
	t.Parallel()
	s := startIn(t, withOperator(t), "--allowed-hosts="+siteName+",127.0.0.1", "--trusted-proxies=127.0.0.1")
	addr := nginx.Start(t, deployed(t, s.addr))
	checkSite(t, s, "https://"+siteName, addr, "/", "__Host-sessionid", "__Secure-adminid")

	// Ten failures of a stranger keep out the stranger alone.
	stranger := browse(t, "https://"+siteName, addr, "127.0.0.6")
	for i := range 11 {
		stranger.do("/admin/login/", url.Values{"username": {"n" + string(rune('a'+i))}, "password": {"wrong"}})
	}
	stranger.wants("/admin/login/", credentials, http.StatusTooManyRequests, "too many failed sign-ins")
	browse(t, "https://"+siteName, addr, "127.0.0.7").wants("/admin/login/", credentials, http.StatusOK, "Dashboard")
}

// checkSite visits a site below base and signs in, as a browser at 127.0.0.5 does.
func checkSite(t *testing.T, s *server, site, addr, base, visitorCookie, operatorCookie string) {
	t.Helper()
	v := browse(t, site, addr, "127.0.0.5")
	v.wants(base, nil, http.StatusOK, "Page Session")
	v.wants(base+"set/", url.Values{"name": {"Pema"}}, http.StatusOK, "Pema")
	v.wants(base+"get/", nil, http.StatusOK, "Pema")
	if got := v.cookies(base + "get/"); got != visitorCookie {
		t.Errorf("a visitor's cookies: %q; want %q", got, visitorCookie)
	}
	v.wants(base+"admin/login/", credentials, http.StatusOK, "Dashboard")
	v.wants(base+"admin/sessions/", nil, http.StatusOK, "Pema")
	if got := v.cookies(base + "admin/"); !strings.Contains(got, operatorCookie) {
		t.Errorf("an operator's cookies: %q; want %q among them", got, operatorCookie)
	}
	v.wants(base+"admin/log/", nil, http.StatusOK, "127.0.0.5")
	// A page of another site cannot change anything.
	for _, other := range []string{"https://evil.example", strings.Replace(site, "https:", "http:", 1)} {
		if status, _ := v.do(base+"del/", url.Values{}, "Origin: "+other, "Sec-Fetch-Site: cross-site"); status != http.StatusForbidden {
			t.Errorf("POST /del/ from %s = %d; want 403", other, status)
		}
	}
	v.wants(base+"del/", url.Values{}, http.StatusOK, delTitle)
}

// nginx and the server on one machine need no port between them.
func TestNginx_UnixSocket(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "pagesession") // short, and open to nginx's user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(folder, "http.sock")
	dir := withOperator(t)
	s := launchOn(t, dir, socket, command("--addr", "unix:"+socket+",mode=0666", "--data-dir", dir,
		"--allowed-hosts="+siteName, "--trusted-proxies=unix"))
	addr := nginx.Start(t, deployed(t, "unix:"+socket))
	checkSite(t, s, "https://"+siteName, addr, "/", "__Host-sessionid", "__Secure-adminid")
}

func TestNginx_BasePath(t *testing.T) {
	t.Parallel()
	s := startIn(t, withOperator(t), "--allowed-hosts="+siteName+",127.0.0.1", "--trusted-proxies=127.0.0.1", "--base-path=/pages/")
	addr := nginx.Start(t, deployed(t, s.addr, "location / {", "location /pages/ {"))
	checkSite(t, s, "https://"+siteName, addr, "/pages/", "__Secure-sessionid", "__Secure-adminid")
	browse(t, "https://"+siteName, addr, "127.0.0.5").wants("/admin/login/", nil, http.StatusNotFound, "nginx")
}

// Over http browsers keep no sign-in, so the page says so, before and after.
func TestNginx_PlainHTTP(t *testing.T) {
	t.Parallel()
	s := startIn(t, withOperator(t), "--allowed-hosts="+siteName+",127.0.0.1", "--trusted-proxies=127.0.0.1")
	c := deployed(t, s.addr, "listen ADDRESS ssl", "listen ADDRESS", "\tssl_certificate", "\t# ssl_certificate")
	addr := nginx.Start(t, c)
	v := browse(t, "http://"+siteName, addr, "127.0.0.5")
	v.wants("/set/", url.Values{"name": {"Pema"}}, http.StatusOK, "Pema")
	v.wants("/get/", nil, http.StatusOK, "Pema")
	v.wants("/admin/login/", nil, http.StatusOK, "ssh -L")
	v.wants("/admin/login/", credentials, http.StatusOK, "https")
	if got := v.cookies("/admin/"); strings.Contains(got, "adminid") {
		t.Errorf("cookies over http: %q", got)
	}
}

// nginx's defaults send the server's own address as the host and say nothing of the
// client. An operator is told why they cannot sign in.
func TestNginx_NoProxyHeaders(t *testing.T) {
	t.Parallel()
	s := startIn(t, withOperator(t))
	addr := nginx.Start(t, nginx.Config{HTTP: "server { listen ADDRESS; location / { proxy_pass http://" + s.addr + "; } }"})
	v := browse(t, "http://"+siteName, addr, "127.0.0.5")
	v.wants("/", nil, http.StatusOK, "Page Session")
	v.wants("/admin/login/", credentials, http.StatusForbidden, "--trusted-proxies")
}

// launchOn starts cmd, which listens on a socket, and waits until it serves.
func launchOn(t *testing.T, dir, socket string, cmd *exec.Cmd) *server {
	t.Helper()
	s := begin(t, dir, cmd, overSocket(t, socket))
	s.awaitOn(socket)
	return s
}
