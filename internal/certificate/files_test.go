package certificate

import (
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
)

// pair is a pair of files, and a log.
type pair struct {
	t         *testing.T
	cert, key string
	log       *testkit.Log
}

func newPair(t *testing.T, c *testkit.Certificate) *pair {
	dir := t.TempDir()
	p := &pair{t: t, cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"), log: new(testkit.Log)}
	p.write(p.cert, c.CertPEM)
	p.write(p.key, c.KeyPEM)
	return p
}

// write replaces a file as a whole, as certbot and cp --remove-destination do.
func (p *pair) write(path string, content []byte) {
	p.t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) open() *Files {
	p.t.Helper()
	f, err := OpenFiles(p.cert, p.key, slog.New(slog.NewTextHandler(p.log, nil)))
	if err != nil {
		p.t.Fatal(err)
	}
	return f
}

// has fails the test unless f has this certificate.
func (p *pair) has(f *Files, when string, want *testkit.Certificate) {
	p.t.Helper()
	if got, err := f.Get(nil); err != nil || !got.Leaf.Equal(want.Leaf) {
		p.t.Errorf("%s: another certificate, %v", when, err)
	}
}

func (p *pair) logged(text string, times int) {
	p.t.Helper()
	if n := strings.Count(p.log.String(), text); n != times {
		p.t.Errorf("the log has %q %d times; want %d:\n%s", text, n, times, p.log)
	}
}

func cert(t *testing.T) *testkit.Certificate {
	return testkit.NewCertificate(t, time.Now().Add(60*24*time.Hour), "localhost", "127.0.0.1")
}

// A pair that is replaced, in either order, with looks in between, is taken once it is
// complete. Nothing is logged of the moments in between.
func TestFiles_Replaced(t *testing.T) {
	for _, keyFirst := range []bool{false, true} {
		first, second := cert(t), cert(t)
		p := newPair(t, first)
		f := p.open()
		f.Check()
		steps := []func(){func() { p.write(p.cert, second.CertPEM) }, func() { p.write(p.key, second.KeyPEM) }}
		if keyFirst {
			steps[0], steps[1] = steps[1], steps[0]
		}
		steps[0]()
		f.Check()
		p.has(f, "half replaced", first)
		steps[1]()
		f.Check()
		p.has(f, "just replaced", first)
		f.Check()
		p.has(f, "replaced", second)
		for range 3 {
			f.Check()
		}
		p.logged("TLS certificate reloaded", 1)
		p.logged("level=ERROR", 0)
	}
}

// A pair that does not match, or is no certificate, or is missing, is logged once, and the
// server keeps the old one. A good one is taken later.
func TestFiles_KeepsTheOldPair(t *testing.T) {
	first, second := cert(t), cert(t)
	for what, breakIt := range map[string]func(*pair){
		"does not match": func(p *pair) { p.write(p.key, second.KeyPEM) },
		"no PEM":         func(p *pair) { p.write(p.cert, []byte("x")) },
		"cut":            func(p *pair) { p.write(p.cert, first.CertPEM[:len(first.CertPEM)/2]) },
		"missing":        func(p *pair) { _ = os.Remove(p.key) },
	} {
		p := newPair(t, first)
		f := p.open()
		breakIt(p)
		for range 5 {
			f.Check()
		}
		p.has(f, what, first)
		p.logged("level=ERROR", 1)
		p.logged("they must be PEM files of one pair", 1)
		p.write(p.cert, second.CertPEM)
		p.write(p.key, second.KeyPEM)
		f.Check()
		f.Check()
		p.has(f, what+", mended", second)
		p.logged("level=ERROR", 1)
	}
}

// On request the files are loaded at once, whatever their stamps say.
func TestFiles_Reload(t *testing.T) {
	first, second := cert(t), cert(t)
	p := newPair(t, first)
	f := p.open()
	p.write(p.cert, second.CertPEM)
	f.Reload()
	p.has(f, "half replaced", first)
	p.logged("could not be reloaded", 1)
	p.write(p.key, second.KeyPEM)
	f.Reload()
	p.has(f, "replaced", second)
	p.logged("TLS certificate reloaded", 1)
}

// A file that is written in place keeps its inode, and may keep its size.
func TestFiles_WrittenInPlace(t *testing.T) {
	first, second := cert(t), cert(t)
	p := newPair(t, first)
	f := p.open()
	for path, content := range map[string][]byte{p.cert: second.CertPEM, p.key: second.KeyPEM} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f.Check()
	f.Check()
	p.has(f, "written in place", second)
}

func TestOpenFiles_Mistakes(t *testing.T) {
	first, second := cert(t), cert(t)
	p := newPair(t, first)
	p.write(p.key, second.KeyPEM)
	for _, key := range []string{p.key, p.cert, p.key + ".missing"} {
		if f, err := OpenFiles(p.cert, key, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "one pair") {
			t.Errorf("OpenFiles = %v, %v; want an error that says what they must be", f, err)
		}
	}
}

// A file that may never end, such as a pipe or a device, is not read, and a large one only
// in part.
func TestFiles_ReadsLittle(t *testing.T) {
	first := cert(t)
	for want, breakIt := range map[string]func(*pair) error{
		"is not a regular file": func(p *pair) error { return errors.Join(os.Remove(p.cert), os.Symlink(os.DevNull, p.cert)) },
		"is larger than 1 MiB":  func(p *pair) error { return os.Truncate(p.key, 1<<30) },
	} {
		p := newPair(t, first)
		f := p.open()
		if err := breakIt(p); err != nil {
			t.Fatal(err)
		}
		f.Reload()
		p.has(f, want, first)
		p.logged(want, 1)
	}
}

func TestFiles_Covers(t *testing.T) {
	f := newPair(t, cert(t)).open()
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": false, "example.com": false} {
		if f.Covers(host) != want {
			t.Errorf("Covers(%q) = %v; want %v", host, !want, want)
		}
	}
}

// A certificate that is made for six days is renewed in time, so it is logged only near its
// end.
func TestReminder_ShortTime(t *testing.T) {
	log := new(testkit.Log)
	r, begin := reminder{log: slog.New(slog.NewTextHandler(log, nil))}, time.Now()
	leaf := &x509.Certificate{NotBefore: begin, NotAfter: begin.Add(6 * 24 * time.Hour)}
	if r.remind(leaf, begin.Add(4*24*time.Hour)); log.String() != "" {
		t.Errorf("after 4 of 6 days: %s; want nothing", log)
	}
	if r.remind(leaf, begin.Add(5*24*time.Hour)); log.String() == "" {
		t.Error("after 5 of 6 days: nothing; want a warning")
	}
}

// A certificate that expires is logged once a day: as a warning for a week, then as an
// error.
func TestFiles_Expiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, testkit.NewCertificate(t, time.Now().Add(10*24*time.Hour), "localhost"))
		f := p.open()
		days := func(n int) {
			for range n * 24 {
				time.Sleep(time.Hour)
				f.Check()
			}
		}
		days(3)
		p.logged("expires soon", 0)
		days(8)
		p.logged("expires soon", 7)
		p.logged("has expired", 1)
		days(2)
		p.logged("has expired", 3)
		renewed := cert(t)
		p.write(p.cert, renewed.CertPEM)
		p.write(p.key, renewed.KeyPEM)
		f.Check()
		days(2)
		p.logged("has expired", 3)
	})
}
