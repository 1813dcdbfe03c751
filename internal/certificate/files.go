// Package certificate has the server's certificates: from files, which it reads again when
// they change, or from a certificate authority that speaks ACME.
package certificate

import (
	"crypto/tls"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// CheckInterval is how often Check should be called. A renewal is in use after two to three
// of them. It costs two system calls.
const CheckInterval = 2 * time.Second

// Files is a certificate in two files. Get is safe for concurrent use. One goroutine at a
// time may call the other methods.
type Files struct {
	cert, key string
	current   atomic.Pointer[tls.Certificate]
	tried     stamps // of the files when they were last loaded, or could not be
	seen      stamps // at the last look
	reminder
}

// stamps tell two versions of the files apart without reading them; nil is a missing file.
type stamps [2]fs.FileInfo

// OpenFiles loads a certificate with its chain, and its key, both in PEM. An error says
// what to do.
func OpenFiles(cert, key string, log *slog.Logger) (*Files, error) {
	f := &Files{cert: cert, key: key, reminder: reminder{log: log}}
	if err := f.load(); err != nil {
		return nil, err
	}
	f.remind(f.current.Load().Leaf, time.Now())
	return f, nil
}

// Get is a tls.Config.GetCertificate. It returns the pair that was loaded last.
func (f *Files) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.current.Load(), nil }

// Covers reports whether browsers accept the certificate for this host name or address, if
// they trust the authority.
func (f *Files) Covers(host string) bool { return f.current.Load().Leaf.VerifyHostname(host) == nil }

// Check loads files that have changed, once two looks in a row see the same: a renewal
// writes one file after the other. It also logs that the certificate expires.
func (f *Files) Check() {
	now := f.look()
	settled := now.same(f.seen)
	if f.seen = now; settled && !now.same(f.tried) {
		f.Reload()
	}
	f.remind(f.current.Load().Leaf, time.Now())
}

// Reload loads the files and logs the result. If they do not load or do not match, the
// server keeps what it has.
func (f *Files) Reload() {
	if err := f.load(); err != nil {
		f.log.Error("TLS certificate could not be reloaded; the server goes on with the one that it has", slog.Any("error", err),
			slog.Time("expires", f.current.Load().Leaf.NotAfter))
		return
	}
	leaf := f.current.Load().Leaf
	f.log.Info("TLS certificate reloaded", slog.Any("names", namesOf(leaf)), slog.Time("expires", leaf.NotAfter))
}

// load reads both files. A change during that shows at the next look, because the stamps
// are from before.
func (f *Files) load() error {
	f.tried = f.look()
	f.seen = f.tried
	pair, err := readPair(f.cert, f.key)
	if err != nil {
		return unusable(f.cert, f.key, err)
	}
	f.current.Store(&pair)
	return nil
}

func readPair(cert, key string) (tls.Certificate, error) {
	certPEM, err := readFile(cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyPEM, err := readFile(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certPEM, keyPEM)
}

// largest is far more than a chain of certificates has.
const largest = 1 << 20

// readFile reads a file of at most largest bytes. A pipe or a device could block forever.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%q is not a regular file", path)
	case info.Size() > largest:
		return nil, fmt.Errorf("%q is larger than 1 MiB", path)
	}
	return os.ReadFile(path)
}

func (f *Files) look() (s stamps) {
	for i, name := range []string{f.cert, f.key} {
		if info, err := os.Stat(name); err == nil {
			s[i] = info
		}
	}
	return s
}

// same reports whether both files are as they were: by inode, size and time.
func (s stamps) same(other stamps) bool {
	for i, a := range s {
		b := other[i]
		if a == nil || b == nil {
			if a != b {
				return false
			}
			continue
		}
		if !os.SameFile(a, b) || a.Size() != b.Size() || !a.ModTime().Equal(b.ModTime()) {
			return false
		}
	}
	return true
}
