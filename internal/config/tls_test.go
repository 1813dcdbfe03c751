package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pagesession/internal/config"
)

// The settings of TLS that do not fit together are reported, all at once.
func TestLoad_TLSMistakes(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want []string // one for each mistake, in order
	}{
		{[]string{"--tls-cert=a"}, []string{`--tls-cert="a" needs the certificate's key; name its file with --tls-key`}},
		{[]string{"--tls-key=a"}, []string{`--tls-key="a" needs the key's certificate; name its file with --tls-cert`}},
		{[]string{"--tls-cert=a", "--addr=unix:/s"}, []string{"needs the certificate's key", `--tls-cert="a" has no effect; leave it out, or choose a host:port`}},
		{[]string{"--tls-cert=a", "--tls-key=b"}, nil},
		{[]string{"--tls-cert=", "--tls-key="}, nil},
		{[]string{"--domain=a.example"}, []string{`--domain="a.example" needs a certificate of an authority whose terms of service you have to accept; read them, then set --acme-accept-terms`}},
		{[]string{"--domain=a.example", "--acme-accept-terms=false"}, []string{`set --acme-accept-terms, which is --acme-accept-terms="false"`}},
		{[]string{"--domain=a.example", "--acme-accept-terms", "--tls-cert=a", "--addr=unix:/s"}, []string{
			"needs the certificate's key", `--domain="a.example" and --tls-cert="a" are both set`, "has no TLS"}},
		{[]string{"--domain=a.example", "--acme-accept-terms", "--http-addr=:443"}, []string{"is also the address of https"}},
		{[]string{"--http-addr=:80"}, []string{`--http-addr=":80" redirects to https, which the server does not speak; set --domain or --tls-cert`}},
		{[]string{"--http-addr=:80", "--domain=localhost"}, []string{"has the invalid name"}},
		{[]string{"--http-addr=none"}, nil},
		{[]string{"--acme-email=a@b.example"}, nil},
		{[]string{"--domain=1.2.3.4", "--addr=x", "--acme-email=x", "--acme-directory=http://x/"}, []string{
			"is not host:port", "has the IP address", "is not an https URL", "is not an e-mail address"}},
	} {
		_, _, err := load(t, tc.args, nil)
		assertMistakes(t, tc.args, err, tc.want)
	}
}

func assertMistakes(t *testing.T, args []string, err error, want []string) {
	t.Helper()
	var got config.Mistakes
	errors.As(err, &got)
	if len(got) != len(want) {
		t.Errorf("Load(%q) = %v; want %q", args, err, want)
		return
	}
	for i, mistake := range got {
		if !strings.Contains(mistake.Error(), want[i]) || strings.Contains(mistake.Error(), "default") {
			t.Errorf("Load(%q): %q; want %q", args, mistake, want[i])
		}
	}
}

// A key that every user can read gives a warning, as a file of a secret does. One group may
// read it, as Debian's ssl-cert does.
func TestLoad_WarnsOfKey(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.pem")
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: runtime.GOOS != "windows"} {
		if err := os.WriteFile(key, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(key, mode); err != nil {
			t.Fatal(err)
		}
		loaded, err := loadFor(t, "serve", []string{"--tls-cert=a", "--tls-key=" + key}, nil)
		if err != nil || (len(loaded.Warnings) == 1 && strings.Contains(loaded.Warnings[0], "chmod o= the file")) != want {
			t.Errorf("Load with a key of mode %v: %q, %v; want a warning: %v", mode, loaded.Warnings, err, want)
		}
	}
}

// A domain listens on the usual ports, unless others are set.
func TestLoad_Domain(t *testing.T) {
	with := func(args ...string) []string { return append(args, "--domain=a.example", "--acme-accept-terms") }
	for _, tc := range []struct {
		args           []string
		addr, httpAddr string
		domains        string
	}{
		{with(), ":443", ":80", "a.example"},
		{with("--addr=:8443", "--http-addr=127.0.0.1:8080"), ":8443", "127.0.0.1:8080", "a.example"},
		{with("--http-addr=none"), ":443", "", "a.example"},
		{with("--domain=B.example.,c.example", "--domain=a.example"), ":443", ":80", "b.example,c.example,a.example"},
		{[]string{"--tls-cert=a", "--tls-key=b", "--http-addr=:80"}, "127.0.0.1:8000", ":80", ""},
		{[]string{"--domain="}, "127.0.0.1:8000", "", ""},
	} {
		got, _, err := load(t, tc.args, nil)
		if err != nil || got.Addr != tc.addr || got.HTTPAddr != tc.httpAddr || strings.Join(got.Domains, ",") != tc.domains {
			t.Errorf("Load(%q) = %q, %q, %q, %v; want %q, %q, %q", tc.args, got.Addr, got.HTTPAddr, got.Domains, err, tc.addr, tc.httpAddr, tc.domains)
		}
	}
	loaded, err := loadFor(t, "serve", with(), []string{"PAGESESSION_DOMAIN=ignored.example"})
	if err != nil || loaded.Domains[0] != "a.example" {
		t.Errorf("the flag does not win over the environment: %v, %v", loaded.Domains, err)
	}
	for _, v := range loaded.Values() {
		if v.Name == "addr" && v.Value != ":443" {
			t.Errorf("config show has addr %q; want :443", v.Value)
		}
	}
}
