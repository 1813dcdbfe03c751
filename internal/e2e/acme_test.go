package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// domainName is the domain of the servers under test; challtestsrv resolves every name to
// 127.0.0.1.
const domainName = "one.pagesession.example"

// An authority is a Pebble, Let's Encrypt's test server for ACME.
type authority struct {
	t                   *testing.T
	directory           string
	cert                string // file of the certificate of its own API
	management          string // URL
	httpPort, httpsPort int    // where it reaches servers
	out                 *testkit.Log
}

// startAuthority runs a Pebble, with a DNS server, until the test ends.
func startAuthority(t *testing.T) *authority {
	t.Helper()
	dir := t.TempDir()
	own := testkit.NewCertificate(t, time.Now().Add(time.Hour), "localhost", "127.0.0.1")
	a := &authority{t: t, cert: filepath.Join(dir, "cert.pem"), httpPort: freePort(t), httpsPort: freePort(t), out: new(testkit.Log)}
	put(t, a.cert, own.CertPEM)
	put(t, filepath.Join(dir, "key.pem"), own.KeyPEM)
	api, management, dns := a.free(), a.free(), a.free()
	a.directory, a.management = "https://"+api+"/dir", "https://"+management
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": api, "managementListenAddress": management, "httpPort": a.httpPort, "tlsPort": a.httpsPort,
		"certificate": a.cert, "privateKey": filepath.Join(dir, "key.pem"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "pebble.json"), settings)
	a.run("pebble-challtestsrv", "-defaultIPv6", "", "-dns01", dns, "-management", a.free(), "-http01", "", "-https01", "", "-tlsalpn01", "")
	a.run("pebble", "-config", filepath.Join(dir, "pebble.json"), "-dnsserver", dns)
	for end := time.Now().Add(testkit.Patience); a.roots() == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("Pebble does not answer:\n%s", a.out)
		}
	}
	return a
}

func (a *authority) free() string { return "127.0.0.1:" + strconv.Itoa(freePort(a.t)) }

// run starts a program of Debian's package pebble until the test ends.
func (a *authority) run(name string, args ...string) {
	a.t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		a.t.Skipf("%s is missing; install Debian's package pebble", name)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", "PEBBLE_AUTHZREUSE=0")
	cmd.Stdout, cmd.Stderr = a.out, a.out
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

// roots returns the root that signs the authority's certificates; nil while it starts.
func (a *authority) roots() *x509.CertPool {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: testkit.Patience}
	defer client.CloseIdleConnections()
	res, err := client.Get(a.management + "/roots/0")
	if err != nil {
		return nil
	}
	defer res.Body.Close()
	root, err := io.ReadAll(res.Body)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(root) {
		return nil
	}
	return pool
}

// issued returns how many certificates were made.
func (a *authority) issued() int { return strings.Count(a.out.String(), "Issued certificate serial") }

// command is a server for domainName that orders from the authority.
func (a *authority) command(dir string) *exec.Cmd {
	cmd := command("--addr", "127.0.0.1:"+strconv.Itoa(a.httpsPort), "--http-addr", "127.0.0.1:"+strconv.Itoa(a.httpPort),
		"--data-dir", dir, "--domain", domainName, "--acme-directory", a.directory, "--acme-email", "admin@pagesession.example", "--acme-accept-terms")
	cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+a.cert)
	return cmd
}

// serve starts a server for domainName and waits until it serves.
func (a *authority) serve(dir string) *server {
	a.t.Helper()
	cmd := a.command(dir)
	client := newClient(a.t)
	carrier := client.Carrier.(*http.Transport)
	carrier.TLSClientConfig = &tls.Config{RootCAs: a.roots(), ServerName: domainName}
	carrier.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, strings.Replace(addr, domainName, "127.0.0.1", 1))
	}
	s := begin(a.t, dir, cmd, client)
	client.URL = "https://" + domainName + ":" + strconv.Itoa(a.httpsPort)
	s.await("GET /readyz = 200 over https", func() bool {
		r, err := client.Try("GET", "/readyz")
		return err == nil && r.StatusCode == http.StatusOK
	})
	return s
}

// A server orders the certificate of its domain, keeps it over a restart, and redirects
// plain HTTP to https.
func TestACME_OrdersAndKeeps(t *testing.T) {
	t.Parallel()
	a := startAuthority(t)
	dir := filepath.Join(t.TempDir(), "data")
	s := a.serve(dir)
	s.get("/").Wants(http.StatusOK)
	if n := a.issued(); n != 1 {
		t.Errorf("%d certificates issued; want 1\n%s", n, a.out)
	}
	for _, line := range []string{`msg="TLS certificate in use" names=[` + domainName + `]`, "createsuperuser", "url=https://127.0.0.1:"} {
		s.await("the log line "+line, func() bool { return strings.Contains(s.out.String(), line) }) // some follow the first answer
	}
	for name, mode := range map[string]os.FileMode{"": os.ModeDir | 0o700, domainName: 0o600, "acme_account+key": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, "acme", name)); err != nil || info.Mode() != mode {
			t.Errorf("acme/%s: %v, %v; want mode %v", name, info, err, mode)
		}
	}
	s.client.URL = "http://" + domainName + ":" + strconv.Itoa(a.httpPort)
	want := "https://" + domainName + ":" + strconv.Itoa(a.httpsPort) + "/get/?x=1"
	if r := s.get("/get/?x=1"); r.StatusCode != http.StatusPermanentRedirect || r.Header.Get("Location") != want {
		t.Errorf("plain HTTP: %d, %v; want 308 to %s", r.StatusCode, r.Header, want)
	}
	s.stop()
	a.serve(dir)
	if n := a.issued(); n != 1 {
		t.Errorf("%d certificates issued after a restart; want 1\n%s", n, a.out)
	}
	if _, err := handshake("127.0.0.1:"+strconv.Itoa(a.httpsPort), &tls.Config{InsecureSkipVerify: true, ServerName: "two.pagesession.example"}); err == nil {
		t.Error("handshake for another name = nil; want it refused")
	}
}

// Where the authority reaches only plain HTTP, the challenge is answered there.
func TestACME_OverPlainHTTP(t *testing.T) {
	t.Parallel()
	a := startAuthority(t)
	a.httpsPort = freePort(t) // another one than Pebble tries
	a.serve(filepath.Join(t.TempDir(), "data")).get("/").Wants(http.StatusOK)
}

// Where the authority cannot reach the server, the log has what it says of that.
func TestACME_LogsWhatTheAuthoritySays(t *testing.T) {
	t.Parallel()
	a := startAuthority(t)
	a.httpsPort, a.httpPort = freePort(t), freePort(t) // others than Pebble tries
	dir := filepath.Join(t.TempDir(), "data")
	s := begin(t, dir, a.command(dir), newClient(t))
	s.faulty = true
	s.await("a line with the authority's reasons", func() bool {
		log := s.out.String()
		return strings.Contains(log, "the authority has to reach this server under the domain, on port 443 or 80") &&
			strings.Contains(log, "the authority says: tls-alpn-01: ") && strings.Contains(log, "; http-01: ")
	})
}

// Without consent to the terms, the server refuses to start and names the flag.
func TestACME_NeedsConsent(t *testing.T) {
	t.Parallel()
	code, _, stderr := finish(t, nil, "--domain", domainName, "--data-dir", filepath.Join(t.TempDir(), "data"))
	oneLine(t, "no consent", stderr)
	if code != 2 || !strings.Contains(stderr, "--acme-accept-terms") {
		t.Errorf("exit %d, %q; want 2 and the flag", code, stderr)
	}
}
