package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// settingsFile writes a settings file and returns its name.
func settingsFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "settings.env")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestConfigShow(t *testing.T) {
	file := settingsFile(t, "PAGESESSION_MAX_SESSIONS=5\nPAGESESSION_SUPERUSER_PASSWORD='open sesame'\n")
	environ := []string{"PAGESESSION_ABSOLUTE_TIMEOUT=90m", "PAGESESSION_CONFIG=" + file}
	r := run(t, nil, environ, "config", "show", "--addr", ":1")
	lines := make(map[string]bool)
	for line := range strings.Lines(r.stdout) {
		lines[strings.Join(strings.Fields(line), " ")] = true
	}
	for _, want := range []string{
		"SETTING VALUE ORIGIN", "addr :1 flag", "absolute-timeout 1h30m environment", "max-sessions 5 " + file + ":1",
		"idle-timeout 20s default", "superuser-email - default", "superuser-password ******** " + file + ":2",
	} {
		if !lines[want] {
			t.Errorf("config show has no line %q:\n%s", want, r.stdout)
		}
	}
	if r.code != 0 || r.stderr != "" || r.served != nil || strings.Contains(r.stdout, "sesame") {
		t.Errorf("config show = %d, %q, %q; want 0, nothing said, no secret", r.code, r.stdout, r.stderr)
	}
}

// config show names which of a secret's two variables is set.
func TestConfigShow_SecretFile(t *testing.T) {
	const variable = "PAGESESSION_SUPERUSER_PASSWORD_FILE"
	environ := []string{variable + "=" + settingsFile(t, "open sesame")}
	r := run(t, nil, environ, "config", "show")
	if !strings.HasSuffix(r.stdout, " environment ("+variable+")\n") {
		t.Errorf("config show = %d,\n%s; want the password last, from %s", r.code, r.stdout, variable)
	}
	if r := run(t, nil, environ, "config", "show", "--json"); !strings.Contains(r.stdout, `"variable": "`+variable+`"`) {
		t.Errorf("config show --json = %d, %s; want %s", r.code, r.stdout, variable)
	}
}

func TestConfigShow_JSON(t *testing.T) {
	file := settingsFile(t, "\nPAGESESSION_SUPERUSER_PASSWORD='open sesame'\n")
	r := run(t, nil, nil, "config", "show", "--json", "--config", file)
	var got struct {
		Settings []struct {
			Name, Variable, Value string
			Provenance            struct {
				Kind, File string
				Line       int
			} `json:"origin"`
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || r.code != 0 || len(got.Settings) == 0 {
		t.Fatalf("config show --json = %d, %q, %q: %v", r.code, r.stdout, r.stderr, err)
	}
	first, last := got.Settings[0], got.Settings[len(got.Settings)-1]
	if first.Name != "addr" || first.Variable != "PAGESESSION_ADDR" || first.Value != "127.0.0.1:8000" || first.Provenance.Kind != "default" {
		t.Errorf("first setting %+v; want the default address", first)
	}
	if o := last.Provenance; last.Value != "********" || o.Kind != "file" || o.File != file || o.Line != 2 {
		t.Errorf("last setting %+v; want the masked password of line 2", last)
	}
}

func TestConfigCheck(t *testing.T) {
	if r := run(t, nil, nil, "config", "check"); r.code != 0 || r.stdout != "The settings are valid.\n" || r.stderr != "" {
		t.Errorf("config check = %d, %q, %q; want 0", r.code, r.stdout, r.stderr)
	}
	file := settingsFile(t, "PAGESESSION_COLOUR=red\n")
	environ := []string{"PAGESESSION_LANGUAGE=it", "PAGESESSION_ADRESS=:1", "PAGESESSION_SUPERUSER_PASSWORD=a", "PAGESESSION_SUPERUSER_PASSWORD_FILE=b"}
	want := "pagesession: " + file + `:1: unknown setting "PAGESESSION_COLOUR"; "pagesession config init" lists all
pagesession: --idle-timeout="x" is not a duration; use for example 20s
pagesession: PAGESESSION_LANGUAGE="it" is not a language of the pages; use en, hi, de, fr, es or auto
pagesession: PAGESESSION_SUPERUSER_PASSWORD and PAGESESSION_SUPERUSER_PASSWORD_FILE="b" are both set; keep one of them
pagesession: unknown variable "PAGESESSION_ADRESS" in the environment; "pagesession config init" lists all
`
	r := run(t, nil, environ, "config", "check", "--config", file, "--idle-timeout=x")
	if r.code != 2 || r.stdout != "" || r.stderr != want {
		t.Errorf("config check = %d, %q,\n%s; want 2,\n%s", r.code, r.stdout, r.stderr, want)
	}
	if r := run(t, nil, []string{"PAGESESSION_ADRESS=:1"}, "config", "check"); r.code != 2 || strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("config check of a misspelt variable = %d, %q; want 2 and a line", r.code, r.stderr)
	}
}

// A secret that all users can read is only a warning, because containers often mount
// secrets so.
func TestConfigCheck_Warnings(t *testing.T) {
	file := settingsFile(t, password)
	if err := os.Chmod(file, 0o444); err != nil {
		t.Fatal(err)
	}
	environ := []string{"PAGESESSION_SUPERUSER_PASSWORD_FILE=" + file}
	const warning = "level=WARN"
	r := run(t, nil, environ, "config", "check")
	if warned := strings.Contains(r.stderr, warning); r.code != 0 || r.stdout != "The settings are valid.\n" || warned != (os.PathSeparator == '/') {
		t.Errorf("config check = %d, %q, %q; want 0 and a warning", r.code, r.stdout, r.stderr)
	}
	r = run(t, nil, append(environ, "PAGESESSION_ADRESS=:1"), "config", "check")
	if r.code != 2 || r.stdout != "" || strings.Count(r.stderr, "pagesession: ") != 1 {
		t.Errorf("config check of a misspelt variable = %d, %q, %q; want 2 and one mistake", r.code, r.stdout, r.stderr)
	}
}

// A server prints the same lines as config check.
func TestServe_AllMistakes(t *testing.T) {
	r := run(t, nil, []string{"PAGESESSION_LANGUAGE=it"}, "--idle-timeout=x", "--data-dir=redis://:secret@host")
	if r.code != 2 || r.stdout != "" || r.served != nil || strings.Count(r.stderr, "\n") != 3 || strings.Contains(r.stderr, "secret") {
		t.Errorf("serve = %d, %q, %q; want 2, three lines, no secret", r.code, r.stdout, r.stderr)
	}
	for line := range strings.Lines(r.stderr) {
		if !strings.HasPrefix(line, "pagesession: ") {
			t.Errorf("line %q; want the program's name before it", line)
		}
	}
}

func TestServe_SettingsFile(t *testing.T) {
	file := settingsFile(t, "PAGESESSION_ADDR=:3\nPAGESESSION_MAX_SESSIONS=7\n")
	r := run(t, nil, []string{"PAGESESSION_ADDR=:2"}, "--config", file)
	if r.code != 0 || r.served == nil || r.served.Addr != ":2" || r.served.MaxSessions != 7 {
		t.Errorf("serve = %d, %q, served %+v; want the environment's address and the file's number", r.code, r.stderr, r.served)
	}
}

func TestConfigInit(t *testing.T) {
	printed := run(t, nil, nil, "config", "init")
	if printed.code != 0 || printed.stderr != "" || !strings.Contains(printed.stdout, "\n#PAGESESSION_ADDR=127.0.0.1:8000\n") {
		t.Errorf("config init = %d, %q, %q; want a file", printed.code, printed.stdout, printed.stderr)
	}
	name := filepath.Join(t.TempDir(), "settings.env")
	if r := run(t, nil, nil, "config", "init", name); r.code != 0 || r.stdout+r.stderr != "" {
		t.Fatalf("config init FILE = %d, %q, %q; want silence", r.code, r.stdout, r.stderr)
	}
	content, err := os.ReadFile(name)
	if err != nil || string(content) != printed.stdout {
		t.Errorf("the file: %v, %q; want what config init prints", err, content)
	}
	if info, err := os.Stat(name); err != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v; want 0600", info.Mode(), err)
	}
	if r := run(t, nil, nil, "config", "check", "--config", name); r.code != 0 {
		t.Errorf("config check of it = %d, %q; want 0", r.code, r.stderr)
	}
}

// An existing file stays unchanged.
func TestConfigInit_DoesNotOverwrite(t *testing.T) {
	name := settingsFile(t, "mine")
	r := run(t, nil, nil, "config", "init", name)
	if r.code != 1 || !strings.HasSuffix(r.stderr, " already exists; remove it or choose another name\n") {
		t.Errorf("config init FILE = %d, %q; want 1", r.code, r.stderr)
	}
	if content, _ := os.ReadFile(name); string(content) != "mine" {
		t.Errorf("the file holds %q; want what it held", content)
	}
	r = run(t, nil, nil, "config", "init", filepath.Join(name, "below"))
	if r.code != 1 || !strings.HasPrefix(r.stderr, "pagesession: create settings file: ") {
		t.Errorf("config init below a file = %d, %q; want 1", r.code, r.stderr)
	}
}

// createsuperuser reads its password from a secret's file and from the settings file.
func TestCreateSuperuser_PasswordFile(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	secret := settingsFile(t, password+"\n")
	environ := []string{"PAGESESSION_SUPERUSER_PASSWORD_FILE=" + secret}
	if r := p.with(new(script), environ, "createsuperuser", "--noinput", "--username", "ada"); r.code != 0 || r.stderr != "" {
		t.Errorf("createsuperuser with a password file = %d, %q", r.code, r.stderr)
	}
	settings := settingsFile(t, "PAGESESSION_SUPERUSER_USERNAME=bob\nPAGESESSION_SUPERUSER_PASSWORD='"+password+"'\n")
	if r := p.do("createsuperuser", "--noinput", "--config", settings); r.code != 0 || r.stdout != "Superuser bob created.\n" {
		t.Errorf("createsuperuser with a settings file = %d, %q, %q", r.code, r.stdout, r.stderr)
	}
	if r := p.with(new(script), append(environ, "PAGESESSION_SUPERUSER_PASSWORD=x"), "createsuperuser", "--noinput"); r.code != 2 {
		t.Errorf("createsuperuser with both = %d, %q; want 2", r.code, r.stderr)
	}
}
