package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"pagesession/internal/config"
)

// What is set in flags, in the environment and in a file is the same when it is read back from
// what Written has, with secrets. A secret in a file of its own stays there.
func TestWritten(t *testing.T) {
	dir := t.TempDir()
	secret, file := filepath.Join(dir, "password"), filepath.Join(dir, "settings.env")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	load := func(environ []string, args ...string) config.Config {
		t.Helper()
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		config.Bind(flags)
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		loaded, err := config.Load(flags, environ, "serve")
		if err != nil {
			t.Fatal(err)
		}
		return loaded.Config
	}
	write(secret, "hush\n")
	write(file, "PAGESESSION_DRAIN=5s\nPAGESESSION_DATA_DIR='/a \\b $c `d` \"e'\n")
	was := load([]string{
		"PAGESESSION_IDLE_TIMEOUT=1m", "PAGESESSION_ACCOUNTS=postgres://me:pass$word@db/ps", "PAGESESSION_SESSIONS=redis://r1", "PAGESESSION_SESSIONS_PASSWORD_FILE=" + secret,
	}, "--config", file, "--domain", "a.example", "--domain", "b.example", "--acme-accept-terms", "--max-streams=0")
	text := string(was.Written)
	if strings.Contains(text, "hush") || !strings.Contains(text, "PASSWORD_FILE=") || strings.Contains(text, "ABSOLUTE") {
		t.Errorf("Written = %s; want the file's name, and no defaults", text)
	}
	write(file, text)
	is := load(nil, "--config", file)
	if string(is.Written) != text {
		t.Errorf("read back and written again:\n%s\nwant\n%s", is.Written, text)
	}
	if !reflect.DeepEqual(is, was) {
		t.Errorf("read back: %+v\nwant %+v", is, was)
	}
	if alone := load(nil); alone.Written != nil {
		t.Errorf("Written of the defaults = %q; want nil", alone.Written)
	}
}
