package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/config"
)

// write creates a file with mode 0600 and returns its name.
func write(t *testing.T, content string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s") // t.TempDir's is longer than mistakes show
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	name := filepath.Join(dir, "settings.env")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// mistakes loads and returns the lines of all mistakes.
func mistakes(t *testing.T, args, environ []string) []string {
	t.Helper()
	var bad config.Mistakes
	if _, err := loadFor(t, config.AllCommands, args, environ); err != nil && !errors.As(err, &bad) {
		t.Fatalf("Load(%q, %q) = %v; want Mistakes", args, environ, err)
	}
	var lines []string
	for _, b := range bad {
		lines = append(lines, b.Error())
	}
	return lines
}

func wantMistakes(t *testing.T, args, environ []string, want ...string) {
	t.Helper()
	got := mistakes(t, args, environ)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("Load(%q, %q): mistakes\n%s\nwant\n%s", args, environ, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLoad_FileIsBehindFlagsAndEnvironment(t *testing.T) {
	file := write(t, "# mine\nPAGESESSION_IDLE_TIMEOUT = '1m'\nPAGESESSION_ADDR=\n")
	for _, tc := range []struct {
		args, environ []string
		want          time.Duration
		from          config.Provenance
	}{
		{[]string{"--config", file}, nil, time.Minute, config.Provenance{Kind: "file", File: file, Line: 2}},
		{nil, []string{"PAGESESSION_CONFIG=" + file}, time.Minute, config.Provenance{Kind: "file", File: file, Line: 2}},
		{[]string{"--config", file}, []string{"PAGESESSION_IDLE_TIMEOUT=2m"}, 2 * time.Minute, config.Provenance{Kind: "environment"}},
		{[]string{"--config", file}, []string{"PAGESESSION_IDLE_TIMEOUT="}, time.Minute, config.Provenance{Kind: "file", File: file, Line: 2}},
		{[]string{"--config", file, "--idle-timeout=3m"}, []string{"PAGESESSION_IDLE_TIMEOUT=2m"}, 3 * time.Minute, config.Provenance{Kind: "flag"}},
		{[]string{"--config", file}, []string{"PAGESESSION_CONFIG=/missing"}, time.Minute, config.Provenance{Kind: "file", File: file, Line: 2}},
		{nil, []string{"PAGESESSION_CONFIG="}, 20 * time.Second, config.Provenance{Kind: "default"}},
	} {
		got, err := loadFor(t, "serve", tc.args, tc.environ)
		if err != nil {
			t.Errorf("Load(%q, %q) = %v", tc.args, tc.environ, err)
			continue
		}
		if got.IdleTimeout != tc.want || got.Addr != "127.0.0.1:8000" {
			t.Errorf("Load(%q, %q) = %v, %q; want %v and the default address", tc.args, tc.environ, got.IdleTimeout, got.Addr, tc.want)
		}
		if v := valueOf(t, got, "idle-timeout"); v.From != tc.from {
			t.Errorf("Load(%q, %q): from %+v; want %+v", tc.args, tc.environ, v.From, tc.from)
		}
	}
}

func valueOf(t *testing.T, l *config.Loaded, name string) config.Value {
	t.Helper()
	for _, v := range l.Values() {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("Values() has no %q", name)
	return config.Value{}
}

// All mistakes come at once, each with its place and what is allowed.
func TestLoad_AllMistakes(t *testing.T) {
	file := write(t, `PAGESESSION_MAX_SESSIONS=many
PAGESESSION_SPEED=1
HOME=/root
what is this
PAGESESSION_LANGUAGE=it
PAGESESSION_LANGUAGE=en
PAGESESSION_CONFIG=x
PAGESESSION_ABSOLUTE_TIMEOUT=1m
`)
	at := func(line string) string { return file + ":" + line }
	unknown := func(place, name string) string {
		return at(place) + ": unknown setting " + strconv.Quote(name) + `; "pagesession config init" lists all`
	}
	wantMistakes(t, []string{"--config=" + file, "--addr=x", "--debug=maybe"}, []string{"PAGESESSION_IDLE_TIMEOUT=2m"},
		at("4: this line is not NAME=value; for a comment begin it with #"),
		unknown("2", "PAGESESSION_SPEED"),
		unknown("3", "HOME"),
		at("6: PAGESESSION_LANGUAGE is already set in line 5; keep one of them"),
		unknown("7", "PAGESESSION_CONFIG"),
		`--addr="x" is not host:port; use for example 127.0.0.1:8000`,
		at(`1: PAGESESSION_MAX_SESSIONS="many" is not a number from 1 to 50000000; use for example 1000000`),
		at(`5: PAGESESSION_LANGUAGE="it" is not a language of the pages; use en, hi, de, fr, es or auto`),
		`--debug="maybe" is not a boolean; use true or false`,
		`PAGESESSION_IDLE_TIMEOUT="2m" is longer than `+at(`8: PAGESESSION_ABSOLUTE_TIMEOUT="1m"; lower the first or raise the second`),
	)
}

func TestLoad_FileThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	missing, large := filepath.Join(dir, "missing"), filepath.Join(dir, "large")
	if err := os.WriteFile(large, []byte(strings.Repeat("#\n", 1<<19)+"#"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		missing: "cannot be read: no such file or directory",
		dir:     "cannot be read: not a regular file",
		large:   "cannot be read: larger than 1048576 bytes",
	} {
		if runtime.GOOS == "windows" && name != large {
			continue // it has other words
		}
		wantMistakes(t, []string{"--config", name}, nil, `--config="`+name+`" `+want)
		wantMistakes(t, nil, []string{"PAGESESSION_CONFIG=" + name}, `PAGESESSION_CONFIG="`+name+`" `+want)
	}
	wantMistakes(t, []string{"--config="}, nil, "--config is empty; name a file, or leave out the flag")
}

// All users of the machine can read the command line with ps.
func TestLoad_RefusesPasswordsInFlags(t *testing.T) {
	const want = "--data-dir has a password, and other users of this machine can read the command line; " +
		"set PAGESESSION_DATA_DIR in the environment or the settings file instead"
	for _, url := range []string{
		"redis://:secret@host/0", "postgres://me:secret@host/db", "HTTPS://me:secret@host", "redis://me:sec/ret@host",
		"redis://one,redis://me:secret@two", "postgres://host/db?user=me&password=secret", "postgres://host/db?Passwd=secret",
	} {
		wantMistakes(t, []string{"--data-dir=" + url}, nil, want)
		l, err := loadFor(t, "serve", nil, []string{"PAGESESSION_DATA_DIR=" + url})
		if err != nil || l.DataDir != url || valueOf(t, l, "data-dir").Value != config.Masked {
			t.Errorf("Load(PAGESESSION_DATA_DIR=%q) = %+v, %v; want it, masked where it is shown", url, l, err)
		}
	}
	for _, url := range []string{"redis://host:6379/0", "postgres://me@host/db", "https://host/a:b", "./a:b@c", "mailto:me@host"} {
		wantMistakes(t, []string{"--data-dir=" + url}, nil)
	}
	line := strings.Join(mistakes(t, nil, []string{"PAGESESSION_ADDR=redis://:secret@host"}), "")
	if line == "" || strings.Contains(line, "secret") {
		t.Errorf("a bad address with a password: %q; want a mistake without it", line)
	}
}

const password = "PAGESESSION_SUPERUSER_PASSWORD"

func TestLoad_SecretFromFile(t *testing.T) {
	for content, want := range map[string]string{
		"open sesame": "open sesame", "open sesame\n": "open sesame", "open sesame\r\n": "open sesame",
		"open sesame\n\n": "open sesame\n", " open sesame ": " open sesame ",
	} {
		for _, place := range []string{"environment", "file"} {
			assignment := password + "_FILE=" + write(t, content)
			args, environ := []string(nil), []string{assignment}
			if place == "file" {
				args, environ = []string{"--config", write(t, assignment)}, nil
			}
			l, err := loadFor(t, config.CreateSuperuser, args, environ)
			if err != nil || l.Variable(config.EnvSuperuserPassword) != want || len(l.Warnings) > 0 {
				t.Errorf("%q in the %s: Load = %q, %v; want %q", content, place, l.Variable(config.EnvSuperuserPassword), err, want)
				continue
			}
			if v := valueOf(t, l, "superuser-password"); v.Value != config.Masked || v.From.Kind != place {
				t.Errorf("%q in the %s is shown as %+v; want it masked", content, place, v)
			}
		}
	}
}

func TestLoad_SecretMistakes(t *testing.T) {
	file, empty := write(t, "open sesame"), write(t, "\n")
	wantMistakes(t, nil, []string{password + "=sesame", password + "_FILE=" + file},
		password+` and `+password+`_FILE="`+file+`" are both set; keep one of them`)
	wantMistakes(t, nil, []string{password + "_FILE=" + empty},
		password+`_FILE="`+empty+`" names an empty file; write the secret to it`)
	wantMistakes(t, nil, []string{password + "_FILE=/missing/file"},
		password+`_FILE="/missing/file" cannot be read: no such file or directory`)
	// The environment wins over the file, in either form.
	both := []string{"--config", write(t, password+"=of the file\n")}
	l, err := loadFor(t, config.CreateSuperuser, both, []string{password + "_FILE=" + file})
	if err != nil || l.Variable(password) != "open sesame" {
		t.Errorf("Load = %v, %v; want the environment's", l.Variable(password), err)
	}
	// A server ignores the variables of createsuperuser, also invalid ones.
	if l, err := loadFor(t, "serve", nil, []string{password + "_FILE=/missing/file"}); err != nil || l.Variable(password) != "" {
		t.Errorf("Load for a server = %v; want the variable left alone", err)
	}
}

func TestLoad_WarnsOfSecretsThatOthersCanRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // no such modes
	}
	secret, plain := write(t, "open sesame"), write(t, "PAGESESSION_ADDR=:1")
	settings := write(t, password+"=open sesame")
	for _, tc := range []struct {
		file string
		args []string
		env  []string
		want string
	}{
		{secret, nil, []string{password + "_FILE=" + secret}, password + `_FILE="` + secret + `" names a file that other users can read; chmod 600 the file`},
		{settings, []string{"--config", settings}, nil, `--config="` + settings + `" has a secret, and other users can read it; chmod 600 the file`},
		{plain, []string{"--config", plain}, nil, ""},
	} {
		for mode, warned := range map[os.FileMode]bool{0o400: false, 0o600: false, 0o644: true, 0o640: true} {
			if err := os.Chmod(tc.file, mode); err != nil {
				t.Fatal(err)
			}
			want := tc.want
			if !warned {
				want = ""
			}
			l, err := loadFor(t, config.CreateSuperuser, tc.args, tc.env)
			if got := strings.Join(l.Warnings, "\n"); err != nil || got != want {
				t.Errorf("%q, %q with mode %o: warnings %q, %v; want %q", tc.args, tc.env, mode, got, err, want)
			}
		}
	}
}
