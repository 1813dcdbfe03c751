package deploy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"pagesession/internal/config"
)

// documents reads the documents of a YAML file. A key that is there twice is an error.
func documents(t *testing.T, file string) (list []map[string]any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for in := yaml.NewDecoder(bytes.NewReader(b)); ; {
		var d map[string]any
		if err := in.Decode(&d); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list = append(list, d)
	}
}

// at returns what is at a path such as "spec.containers.0.name"; nil if it is missing.
func at(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// wants fails the test unless this value is at a path.
func wants(t *testing.T, in any, path string, want any) {
	t.Helper()
	if got := at(in, path); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s = %v; want %v", path, got, want)
	}
}

// loads reads the settings as the server does, and returns them. Secrets are in files of the
// test's, by the end of their path.
func loads(t *testing.T, environ map[string]string) config.Config {
	t.Helper()
	dir := t.TempDir()
	var lines []string
	for name, value := range environ {
		if strings.HasSuffix(name, "_FILE") {
			content := map[string]string{"redis-password": "p", "accounts-url": "postgres://pagesession:p@postgres:5432/pagesession"}[filepath.Base(value)]
			value = filepath.Join(dir, filepath.Base(value))
			if err := os.WriteFile(value, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		lines = append(lines, name+"="+value)
	}
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	config.Bind(flags)
	loaded, err := config.Load(flags, lines, "serve")
	if err != nil {
		t.Fatalf("the server refuses the settings: %v", err)
	}
	if len(loaded.Unknown)+len(loaded.Warnings) > 0 {
		t.Errorf("the server warns: %q, %q", loaded.Unknown, loaded.Warnings)
	}
	return loaded.Config
}

// sharesSessions checks what the files for several servers have in common.
func sharesSessions(t *testing.T, c config.Config, folder string, grace time.Duration) {
	t.Helper()
	if c.Addr != ":8000" || c.DataDir != folder || c.Accounts == "" || c.Sessions.IsFile() || c.SecretKey == "" {
		t.Errorf("settings: address %q, folder %q; want :8000, %s, and sessions, accounts and key elsewhere", c.Addr, c.DataDir, folder)
	}
	if c.Drain == 0 || c.Drain+5*time.Second > grace {
		t.Errorf("a drain of %v and 5 s in a grace period of %v", c.Drain, grace)
	}
}

// keepsAll checks what the files for one server have in common: all is in the volume, and there is
// a backup each day.
func keepsAll(t *testing.T, c config.Config, folder string, grace time.Duration) {
	t.Helper()
	if c.Addr != ":8000" || c.DataDir != folder || c.Accounts != "" || !c.Sessions.IsFile() || c.SecretKey != "" || c.Backups.Every != 24*time.Hour {
		t.Errorf("settings: address %q, folder %q, backups each %v; want :8000, %s, each day, and nothing elsewhere", c.Addr, c.DataDir, c.Backups.Every, folder)
	}
	if c.Drain+5*time.Second > grace {
		t.Errorf("a drain of %v and 5 s in a grace period of %v", c.Drain, grace)
	}
}
