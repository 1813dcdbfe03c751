package e2e

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/caddy"
)

// caddyfile returns deploy/Caddyfile for a server at upstream, on a port and with a certificate
// of the test's.
func caddyfile(t *testing.T, upstream string, edits ...string) caddy.Config {
	t.Helper()
	own := testkit.NewCertificate(t, time.Now().Add(time.Hour), siteName)
	edits = append([]string{siteName + " {", "https://" + siteName + ":PORT {\n\ttls site.pem site.key", "127.0.0.1:8000 {", upstream + " {"}, edits...)
	return caddy.Config{Sites: edited(t, "../../deploy/Caddyfile", edits...), Files: map[string][]byte{"site.pem": own.CertPEM, "site.key": own.KeyPEM}}
}

// edited returns a file with replaced parts, each of which has to be there.
func edited(t *testing.T, file string, edits ...string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("%s lacks %q", file, edits[i])
		}
		text = strings.ReplaceAll(text, edits[i], edits[i+1])
	}
	return text
}

// The file in deploy/, as it stands. Browsers speak HTTP/2 with Caddy.
func TestCaddy_TLS(t *testing.T) {
	t.Parallel()
	s := startIn(t, withOperator(t), "--allowed-hosts="+siteName+",127.0.0.1", "--trusted-proxies=127.0.0.1")
	addr := caddy.Start(t, caddyfile(t, s.addr))
	checkSite(t, s, "https://"+siteName, addr, "/", "__Host-sessionid", "__Secure-adminid")
	checkStrangers(t, addr)
}

func TestCaddy_Headers(t *testing.T) {
	t.Parallel()
	checkHeaders(t, func(upstream string) string { return caddy.Start(t, caddyfile(t, upstream)) })
}

// Caddy and the server on one machine need no port between them.
func TestCaddy_UnixSocket(t *testing.T) {
	t.Parallel()
	s, socket := startOnSocket(t)
	addr := caddy.Start(t, caddyfile(t, "unix/"+socket))
	checkSite(t, s, "https://"+siteName, addr, "/", "__Host-sessionid", "__Secure-adminid")
}

func TestCaddy_BasePath(t *testing.T) {
	t.Parallel()
	s := startIn(t, withOperator(t), "--allowed-hosts="+siteName+",127.0.0.1", "--trusted-proxies=127.0.0.1", "--base-path=/pages/")
	addr := caddy.Start(t, caddyfile(t, s.addr, "reverse_proxy ", "reverse_proxy /pages/* "))
	checkSite(t, s, "https://"+siteName, addr, "/pages/", "__Secure-sessionid", "__Secure-adminid")
	if status, text := browse(t, "https://"+siteName, addr, "127.0.0.5").do("/admin/login/", nil); status != http.StatusOK || text != "" {
		t.Errorf("GET /admin/login/ = %d, %q; want Caddy's empty page", status, text)
	}
}
