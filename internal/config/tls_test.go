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
		{[]string{"--tls-cert=a", "--addr=unix:/s"}, []string{"needs the certificate's key", "leave out the certificate, or choose a host:port"}},
		{[]string{"--tls-cert=a", "--tls-key=b"}, nil},
		{[]string{"--tls-cert=", "--tls-key="}, nil},
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
		if !strings.Contains(mistake.Error(), want[i]) {
			t.Errorf("Load(%q): %q; want %q", args, mistake, want[i])
		}
	}
}

// A key that other users can read gives a warning, as a file of a secret does.
func TestLoad_WarnsOfKey(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.pem")
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o644: runtime.GOOS != "windows"} {
		if err := os.WriteFile(key, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(key, mode); err != nil {
			t.Fatal(err)
		}
		loaded, err := loadFor(t, "serve", []string{"--tls-cert=a", "--tls-key=" + key}, nil)
		if err != nil || (len(loaded.Warnings) == 1 && strings.Contains(loaded.Warnings[0], "chmod 600")) != want {
			t.Errorf("Load with a key of mode %v: %q, %v; want a warning: %v", mode, loaded.Warnings, err, want)
		}
	}
}
