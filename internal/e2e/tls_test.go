package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

const hsts = "Strict-Transport-Security"

// A secured is a server with a certificate in files.
type secured struct {
	*server
	cert, key string
}

// newPair returns a certificate for the address of the servers under test.
func newPair(t *testing.T) *testkit.Certificate {
	return testkit.NewCertificate(t, time.Now().Add(60*24*time.Hour), "localhost", "127.0.0.1")
}

// startSecured runs a server with this certificate.
func startSecured(t *testing.T, c *testkit.Certificate, args ...string) *secured {
	t.Helper()
	dir := t.TempDir()
	s := &secured{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	put(t, s.cert, c.CertPEM)
	put(t, s.key, c.KeyPEM)
	client := newClient(t)
	client.Carrier.(*http.Transport).TLSClientConfig = c.Trusted("127.0.0.1")
	data := filepath.Join(dir, "data")
	cmd := command(append([]string{"--addr", "127.0.0.1:0", "--data-dir", data, "--tls-cert", s.cert, "--tls-key", s.key}, args...)...)
	s.server = launchFor(t, data, cmd, client)
	return s
}

// put replaces a file as a whole.
func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// serves waits until new connections get this certificate.
func (s *secured) serves(want *testkit.Certificate, trusted *tls.Config) {
	s.t.Helper()
	s.await("the new certificate", func() bool {
		leaf, err := handshake(s.addr, trusted)
		return err == nil && leaf.Equal(want.Leaf)
	})
}

// handshake connects and returns the server's certificate.
func handshake(addr string, trusted *tls.Config) (*x509.Certificate, error) {
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: testkit.Patience}, Config: trusted}
	c, err := dialer.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

// While the certificate is replaced, in both orders, with and without SIGHUP, and while its
// files do not match, every handshake works, and no request is lost.
func TestTLS_ReloadUnderLoad(t *testing.T) {
	t.Parallel()
	certs := make([]*testkit.Certificate, 4)
	for i := range certs {
		certs[i] = newPair(t)
	}
	trusted := certs[0].Trusted("127.0.0.1", certs[1:]...)
	s := startSecured(t, certs[0])
	s.faulty = true // it logs that files do not match
	s.client.Carrier.(*http.Transport).TLSClientConfig = trusted.Clone()
	ended, made := make(chan struct{}), new(atomic.Int64)
	var load sync.WaitGroup
	for range 2 {
		load.Go(func() {
			for !isClosed(ended) {
				if _, err := handshake(s.addr, trusted); err != nil {
					t.Errorf("handshake: %v", err)
					return
				}
				made.Add(1)
			}
		})
		load.Go(func() {
			if err := askUntil(s.client, ended); err != nil {
				t.Error(err)
			}
		})
	}
	hangUp := func() { _ = s.cmd.Process.Signal(syscall.SIGHUP) }
	put(t, s.cert, certs[1].CertPEM) // found by looking
	put(t, s.key, certs[1].KeyPEM)
	s.serves(certs[1], trusted)
	put(t, s.key, certs[2].KeyPEM)
	hangUp()
	s.await("an error in its log", func() bool { return strings.Contains(s.out.String(), "could not be reloaded") })
	s.serves(certs[1], trusted)
	put(t, s.cert, certs[2].CertPEM)
	hangUp()
	s.serves(certs[2], trusted)
	put(t, s.key, certs[3].KeyPEM) // found by looking, in the other order
	put(t, s.cert, certs[3].CertPEM)
	s.serves(certs[3], trusted)
	close(ended)
	load.Wait()
	if made.Load() < 100 {
		t.Errorf("%d handshakes; want a load", made.Load())
	}
	t.Logf("%d handshakes", made.Load())
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Every answer over TLS has browsers stay with https, and none over plain HTTP. Cookies
// are Secure and have the names of https, and the first operator's link has the right scheme.
func TestTLS_Answers(t *testing.T) {
	t.Parallel()
	own := newPair(t)
	s := startSecured(t, own)
	plain := start(t)
	for _, path := range []string{"/", "/set/?name=Ada", "/nothing/", "/livez", "/static/none.css", "/admin/login/"} {
		r := s.get(path)
		if got := r.Header.Values(hsts); len(got) != 1 || got[0] != "max-age=31536000" {
			t.Errorf("%s: %s %q; want one", path, hsts, got)
		}
		for _, c := range r.Cookies() {
			if !c.Secure || c.Name != "__Host-sessionid" {
				t.Errorf("%s: cookie %s, Secure %t; want __Host-sessionid, Secure", path, c.Name, c.Secure)
			}
		}
		if got := plain.get(path).Header.Get(hsts); got != "" {
			t.Errorf("%s over http: %s %q; want none", path, hsts, got)
		}
	}
	for _, raw := range []string{"GET\r\n\r\n", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n"} {
		r := testkit.DialTLS(t, s.addr, own.Trusted("127.0.0.1")).Ask(raw)
		if r.StatusCode < 400 || r.Header.Get(hsts) == "" {
			t.Errorf("%.30q: %d, %v; want an error with %s", raw, r.StatusCode, r.Header, hsts)
		}
	}
	if link := regexp.MustCompile(`: https://127\.0\.0\.1:\d+/admin/first-run/#key=`); !link.MatchString(s.out.String()) {
		t.Errorf("no link with https:\n%s", s.out)
	}
	r := testkit.Dial(t, s.addr).Ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	r.Wants(http.StatusBadRequest, "https://")
}

// Files that are no pair keep the server from starting; the error says what they must be.
func TestTLS_BadFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "cert.pem"), newPair(t).CertPEM)
	put(t, filepath.Join(dir, "key.pem"), newPair(t).KeyPEM)
	code, _, stderr := finish(t, nil, "--addr", "127.0.0.1:0", "--data-dir", filepath.Join(dir, "data"),
		"--tls-cert", filepath.Join(dir, "cert.pem"), "--tls-key", filepath.Join(dir, "key.pem"))
	oneLine(t, "no pair", stderr)
	if code != 1 || !strings.Contains(stderr, "one pair") {
		t.Errorf("exit %d, %q; want 1 and what the files must be", code, stderr)
	}
}
