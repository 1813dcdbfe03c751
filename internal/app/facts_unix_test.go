//go:build unix

package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/check"
	"pagesession/internal/config"
	"pagesession/internal/testkit"
)

// What is wrong with the data folder is found, and nothing is found in a sound or missing one.
func TestFilesFacts(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(dir string) error
		wrong func(f check.Files) bool
	}{
		"sound":   {func(string) error { return nil }, nil},
		"missing": {os.RemoveAll, nil},
		"a file": {func(dir string) error { return errorsOf(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)) },
			func(f check.Files) bool { return strings.Contains(f.Broken, "is not a folder") }},
		"writable for all": {func(dir string) error { return os.Chmod(dir, 0o777) },
			func(f check.Files) bool { return strings.Contains(f.Broken, "chmod o-w") && len(f.Exposed) == 1 }},
		"readable for all": {func(dir string) error {
			return errorsOf(os.Chmod(dir, 0o755), os.Chmod(filepath.Join(dir, visitorsFile), 0o644))
		}, func(f check.Files) bool {
			return slices.Equal(f.Exposed, []string{f.Folder, filepath.Join(f.Folder, visitorsFile)})
		}},
		"a file in it readable for all": {func(dir string) error { return os.Chmod(filepath.Join(dir, visitorsFile), 0o644) }, nil},
		"a link": {func(dir string) error { return os.Symlink("/dev/null", filepath.Join(dir, consoleFile)) },
			func(f check.Files) bool { return strings.Contains(f.Linked, "is a link") }},
		"a short key": {func(dir string) error { return os.WriteFile(filepath.Join(dir, secretFile), []byte("abc"), 0o600) },
			func(f check.Files) bool { return strings.Contains(f.Key, "3 bytes instead of 32") }},
		"a key for all": {func(dir string) error { return os.WriteFile(filepath.Join(dir, secretFile), make([]byte, 32), 0o644) },
			func(f check.Files) bool { return strings.Contains(f.Key, "other users can read secret key") }},
		"a file from the future": {func(dir string) error {
			return os.Chtimes(filepath.Join(dir, visitorsFile), time.Time{}, time.Now().Add(time.Hour))
		}, func(f check.Files) bool { return f.Newest.After(time.Now().Add(50 * time.Minute)) }},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		err := errorsOf(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, visitorsFile), nil, 0o600), test.spoil(dir))
		if err != nil {
			t.Fatal(err)
		}
		f := filesFacts(&config.Config{DataDir: dir})
		if test.wrong != nil {
			if !test.wrong(f) {
				t.Errorf("%s: filesFacts = %+v; want it found", name, f)
			}
			continue
		}
		if f.Broken+f.Linked+f.Key != "" || f.Exposed != nil || f.Foreign != nil {
			t.Errorf("%s: filesFacts = %+v; want nothing", name, f)
		}
	}
}

func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// A file of another user than the folder's is found, also by root.
func TestFilesFacts_Owner(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(dir, visitorsFile)
	if err := errorsOf(os.Mkdir(dir, 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	const other = 54321
	if err := os.Chown(path, other, -1); err != nil {
		t.Skip("needs root")
	}
	if err := errorsOf(os.Mkdir(filepath.Join(dir, "lost+found"), 0o700), os.Chown(filepath.Join(dir, "lost+found"), 1, 1)); err != nil {
		t.Fatal(err)
	}
	if f := filesFacts(&config.Config{DataDir: dir}); !slices.Equal(f.Foreign, []string{path}) || f.Owner != os.Geteuid() {
		t.Errorf("a foreign file: %+v", f)
	}
	if err := os.Chown(dir, other, -1); err != nil {
		t.Fatal(err)
	}
	if f := filesFacts(&config.Config{DataDir: dir}); f.Foreign != nil || f.Owner != other {
		t.Errorf("a folder of the server's user: %+v", f)
	}
}

// A named key has to be there, one in the data folder is made.
func TestKeyFact(t *testing.T) {
	dir := t.TempDir()
	if got := keyFact(&config.Config{DataDir: dir}); got != "" {
		t.Errorf("keyFact of an empty folder = %q; want nothing", got)
	}
	if got := keyFact(&config.Config{DataDir: dir, SecretKey: filepath.Join(dir, "key")}); !strings.Contains(got, "leave out --secret-key") {
		t.Errorf("keyFact of a missing named key = %q", got)
	}
}

func TestCertificateFacts(t *testing.T) {
	dir := t.TempDir()
	cfg := config.Config{TLSCert: filepath.Join(dir, "cert.pem"), TLSKey: filepath.Join(dir, "key.pem")}
	pair := testkit.NewCertificate(t, time.Now().Add(time.Hour), "example.com", "*.example.org")
	if err := errorsOf(os.WriteFile(cfg.TLSCert, pair.CertPEM, 0o600), os.WriteFile(cfg.TLSKey, pair.KeyPEM, 0o600)); err != nil {
		t.Fatal(err)
	}
	cfg.AllowedHosts = hostList(t, "localhost,example.com,.example.org,www.example.com,*")
	if all := certificateFacts(&cfg); len(all) != 1 || all[0].Broken != "" || !slices.Equal(all[0].Uncovered, []string{"www.example.com"}) || time.Until(all[0].Ends) > time.Hour {
		t.Errorf("certificateFacts = %+v; want www.example.com uncovered", all)
	}
	cfg.TLSKey = filepath.Join(t.TempDir(), "missing")
	if all := certificateFacts(&cfg); len(all) != 1 || !strings.Contains(all[0].Broken, "no such file") {
		t.Errorf("certificateFacts without a key = %+v", all)
	}
}

// The authority's certificates are in the data folder once they are there.
func TestCertificateFacts_ACME(t *testing.T) {
	dir := t.TempDir()
	cfg := config.Config{DataDir: dir, Domains: []string{"example.com", "www.example.com"}}
	if all := certificateFacts(&cfg); all != nil {
		t.Errorf("certificateFacts without a certificate = %+v", all)
	}
	pair := testkit.NewCertificate(t, time.Now().Add(time.Hour), "example.com")
	folder := filepath.Join(dir, acmeFolder)
	err := errorsOf(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "example.com"), append(pair.KeyPEM, pair.CertPEM...), 0o600),
		os.WriteFile(filepath.Join(folder, "www.example.com"), pair.KeyPEM, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	all := certificateFacts(&cfg)
	if len(all) != 2 || all[0].Broken != "" || all[0].Uncovered != nil || all[0].Ends.IsZero() || !strings.Contains(all[1].Broken, "delete the file") {
		t.Errorf("certificateFacts = %+v; want one, and a broken one", all)
	}
}

// Two clocks that go on alike have no jump.
func TestJump(t *testing.T) {
	began := time.Now()
	if got := jump(began, began.Add(time.Hour)); got != 0 {
		t.Errorf("jump of an hour that both clocks saw = %v; want 0", got)
	}
	if got := jump(began, time.Now().Round(0).Add(time.Hour)); got.Round(time.Hour) != 0 {
		t.Errorf("jump without a monotonic clock = %v; want 0: it cannot be told", got)
	}
}
