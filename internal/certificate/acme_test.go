package certificate

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// newACME returns a source at an authority that answers with handler, and its log.
func newACME(t *testing.T, handler http.HandlerFunc) (*ACME, *testkit.Log) {
	authority := httptest.NewServer(handler)
	t.Cleanup(authority.Close)
	log := new(testkit.Log)
	return NewACME(ACMEConfig{
		Domains: []string{"a.example", "b.example"}, Folder: t.TempDir(), Directory: authority.URL, Logger: slog.New(slog.NewTextHandler(log, nil)),
	}), log
}

// shake makes a handshake with a over a pipe, and returns the server's error.
func shake(t *testing.T, a *ACME, name string, within time.Duration) error {
	t.Helper()
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	go func() { _ = tls.Client(far, &tls.Config{ServerName: name, InsecureSkipVerify: true}).Handshake() }()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	return tls.Server(near, &tls.Config{GetCertificate: a.Get}).HandshakeContext(ctx)
}

// Only the domains are asked for. After a failure the authority has a pause, which grows,
// and the log a line for each order.
func TestACME_PausesAfterFailures(t *testing.T) {
	var asked atomic.Int64
	a, log := newACME(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusForbidden)
	})
	for _, name := range []string{"c.example", "www.a.example", "", "a.example.evil.example"} {
		if err := shake(t, a, name, testkit.Patience); err == nil {
			t.Errorf("handshake for %q = nil", name)
		}
	}
	if asked.Load() != 0 {
		t.Fatalf("%d requests for other names; want none", asked.Load())
	}
	for i, pause := range []time.Duration{2 * time.Minute, 10 * time.Minute, time.Hour, time.Hour} {
		if i > 0 { // the pause is over, also autocert's own
			a.issued["a.example"].retry = time.Time{}
			a.manager = NewACME(a.ACMEConfig).manager
		}
		for range 3 {
			if err := shake(t, a, "a.example", testkit.Patience); err == nil || !strings.Contains(err.Error(), "403") {
				t.Errorf("handshake = %v; want the authority's answer", err)
			}
		}
		if n := asked.Load(); n != int64(i+1) {
			t.Errorf("%d requests after %d orders", n, i+1)
		}
		if left := time.Until(a.issued["a.example"].retry); left > pause || left < pause-time.Minute {
			t.Errorf("the next order is in %v; want %v", left, pause)
		}
	}
	if n := strings.Count(log.String(), "could not be obtained"); n != 4 {
		t.Errorf("the log has %d failures; want 4:\n%s", n, log)
	}
	if a.Covers("a.example") {
		t.Error("Covers = true without a certificate")
	}
}

// An authority that does not answer keeps a handshake only as long as it may last, and all
// handshakes and looks together have one order.
func TestACME_HungAuthority(t *testing.T) {
	var asked atomic.Int64
	hung := make(chan struct{})
	a, _ := newACME(t, func(http.ResponseWriter, *http.Request) { asked.Add(1); <-hung })
	t.Cleanup(func() { close(hung) }) // before the authority closes
	for range 3 {
		begin := time.Now()
		err := shake(t, a, "a.example", 100*time.Millisecond)
		if took := time.Since(begin); err == nil || took > testkit.Patience {
			t.Errorf("handshake = %v after %v; want an error within its own deadline", err, took)
		}
	}
	a.Check()
	a.Check()
	for end := time.Now().Add(testkit.Patience); asked.Load() < 1; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no order")
		}
	}
	if n := asked.Load(); n > 2 { // one for each domain
		t.Errorf("%d orders; want one for each domain", n)
	}
}

// SIGHUP orders again what has failed, at once if autocert has forgotten the failure.
func TestACME_Reload(t *testing.T) {
	asked := make(chan struct{}, 10)
	a, log := newACME(t, func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		w.WriteHeader(http.StatusForbidden)
	})
	a.Domains = a.Domains[:1]
	if err := shake(t, a, "a.example", testkit.Patience); err == nil {
		t.Fatal("handshake = nil")
	}
	<-asked
	a.Reload()
	if left := time.Until(a.issued["a.example"].retry); left < 30*time.Second || left > managerPause {
		t.Errorf("after SIGHUP the next order is in %v; want a minute", left)
	}
	a.manager = NewACME(a.ACMEConfig).manager // as a minute later
	a.issued["a.example"].failed = time.Now().Add(-managerPause)
	a.Reload()
	select {
	case <-asked:
	case <-time.After(testkit.Patience):
		t.Errorf("no order:\n%s", log)
	}
}
