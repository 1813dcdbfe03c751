package e2e

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/nginx"
)

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

// The file in deploy/, as it stands.
func TestNginx_TLS(t *testing.T) {
	t.Parallel()
	s := startIn(t, withOperator(t), "--allowed-hosts="+siteName+",127.0.0.1", "--trusted-proxies=127.0.0.1")
	addr := nginx.Start(t, deployed(t, s.addr))
	checkSite(t, s, "https://"+siteName, addr, "/", "__Host-sessionid", "__Secure-adminid")
	checkStrangers(t, addr)
}

func TestNginx_Headers(t *testing.T) {
	t.Parallel()
	checkHeaders(t, func(upstream string) string { return nginx.Start(t, deployed(t, upstream)) })
}

// nginx and the server on one machine need no port between them.
func TestNginx_UnixSocket(t *testing.T) {
	t.Parallel()
	s, socket := startOnSocket(t)
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
