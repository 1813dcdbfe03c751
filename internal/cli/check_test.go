package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/app"
	"pagesession/internal/check"
	"pagesession/internal/cli"
	"pagesession/internal/config"
	"pagesession/internal/control"
)

// check runs the command on a machine without a fault, because the one that the tests run on
// may have little memory, or a clock that no program synchronizes.
func (p *place) check(environ []string, args ...string) (r result) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	program := cli.Program{
		Args: append([]string{"check"}, args...), Environ: append(environ, "PAGESESSION_DATA_DIR="+p.dir),
		Stdout: &stdout, Stderr: &stderr, Prompt: new(script), Operate: onSoundMachine,
	}
	r.code = program.Main(p.t.Context())
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

func onSoundMachine(cfg config.Config, log *slog.Logger) *control.Client {
	c := app.Operate(cfg, log)
	open := c.Files
	c.Files = func(ctx context.Context, need control.Need) (control.Stores, func() error, error) {
		stores, done, err := open(ctx, need)
		if collect := stores.Facts; collect != nil {
			stores.Facts = func(ctx context.Context) (check.Facts, error) {
				f, err := collect(ctx)
				f.Process, f.Clock.Unsynchronized, f.Disk = check.Process{}, false, check.Disk{}
				return f, err
			}
		}
		return stores, done, err
	}
	return c
}

// found returns the ids of the findings that a command has printed, with their levels.
func found(stdout string) string {
	var ids []string
	for _, m := range regexp.MustCompile(`(?m)^(error|warning) ([a-z.]+): .*\n    \S`).FindAllStringSubmatch(stdout, -1) {
		ids = append(ids, m[1][:1]+" "+m[2])
	}
	return strings.Join(ids, ", ")
}

// The quick start is fine as it is, and check --deploy says what to change before visitors
// come.
func TestCheck_QuickStart(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	p.wants(p.check(nil), "check", 0, "No problems found.\nLooked at the settings of this command; no server runs on the data folder.\n"+
		"Before visitors use the server, run: pagesession check --deploy\n", "")
	r := p.check(nil, "--deploy")
	if got := found(r.stdout); r.code != 1 || got != "e tls.none, e addr.local, e hosts.local, w backups.none, w operators.none, w operators.optional" {
		t.Errorf("check --deploy = %d, %s\n%s", r.code, got, r.stdout)
	}
	for _, cure := range []string{"--domain example.com --acme-accept-terms", "--allowed-hosts example.com", "pagesession createsuperuser", "--backup-every 24h", "--second-factor superusers"} {
		if !strings.Contains(r.stdout, cure) {
			t.Errorf("check --deploy has no %q:\n%s", cure, r.stdout)
		}
	}
	if r.stderr != "pagesession: check found 3 errors, 3 warnings\n" {
		t.Errorf("check --deploy says %q on stderr", r.stderr)
	}
	if entries, err := os.ReadDir(p.dir); err == nil {
		t.Errorf("the data folder is there and has %v; want nothing made", entries)
	}
}

// documented matches the settings files of docs/DEPLOY.md.
var documented = regexp.MustCompile("(?s)```sh /etc/pagesession.env\n(.*?)```")

// The documented settings pass check --deploy without a warning.
func TestCheck_DocumentedProduction(t *testing.T) {
	page, err := os.ReadFile("../../docs/DEPLOY.md")
	if err != nil {
		t.Fatal(err)
	}
	files := documented.FindAllStringSubmatch(string(page), -1)
	if len(files) != 2 {
		t.Fatalf("docs/DEPLOY.md has %d settings files; want two", len(files))
	}
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	p.serve() // makes secret.key
	p.superuser()
	p.stop()
	for _, file := range files {
		environ := []string{"PAGESESSION_CONFIG=" + settingsFile(t, file[1])}
		if r := p.check(environ, "--deploy"); r.code != 0 || found(r.stdout) != "w operators.password" {
			t.Errorf("check --deploy before there is a second factor = %d, %s; want operators.password\n%s", r.code, r.stdout, file[1])
		}
	}
	if r := p.answering(answers(appCode), "users", "second-factor", "add", "ada"); r.code != 0 {
		t.Fatalf("second-factor add = %+v", r)
	}
	for _, file := range files {
		environ := []string{"PAGESESSION_CONFIG=" + settingsFile(t, file[1])}
		want := "No problems found.\nLooked at the settings of this command; no server runs on the data folder.\n"
		p.wants(p.check(environ, "--deploy", "--fail-level", "warning"), "check --deploy", 0, want, "")
	}
}

// A running server tells its own settings, unless the command has some.
func TestCheck_RunningServer(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	p.serve()
	r := p.check(nil)
	if found(r.stdout) != "" || r.code != 0 || !strings.Contains(r.stdout, "\nLooked at the settings of the running server.\n") {
		t.Errorf("check beside a server = %d, %s%s", r.code, r.stdout, r.stderr)
	}
	r = p.check(nil, "--addr", ":8000", "--allowed-hosts", "*", "--debug", "--deploy")
	if got := found(r.stdout); r.code != 1 || !strings.HasPrefix(got, "e tls.none, w ") || !strings.Contains(got, "w hosts.any") || !strings.Contains(got, "w debug, ") {
		t.Errorf("check with own settings = %d, %s", r.code, got)
	}
	if !strings.Contains(r.stdout, "\nLooked at the settings of this command; the running server may have others.\n") {
		t.Errorf("check with own settings says %s", r.stdout)
	}
}

func TestCheck_JSONAndLevels(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	environ := []string{"PAGESESSION_COLOUR=red"}
	for _, tc := range []struct {
		args []string
		code int
	}{{nil, 0}, {[]string{"--fail-level=error"}, 0}, {[]string{"--fail-level=warning"}, 1}, {[]string{"--fail-level=info"}, 2}, {[]string{"--idle-timeout=x"}, 2}} {
		if r := p.check(environ, tc.args...); r.code != tc.code || tc.code < 2 && found(r.stdout) != "w settings.unknown" {
			t.Errorf("check %q with an unknown variable = %d, %q, %q; want %d", tc.args, r.code, r.stdout, r.stderr, tc.code)
		}
	}
	var got struct {
		Findings []struct{ ID, Level, Wrong, Do string }
		Deploy   bool
		Running  bool
		Own      bool `json:"own_settings"`
	}
	r := p.check(environ, "--json", "--debug")
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || r.code != 0 {
		t.Fatalf("check --json = %d, %q: %v", r.code, r.stdout, err)
	}
	if f := got.Findings; len(f) != 1 || f[0].ID != "settings.unknown" || f[0].Level != "warning" || f[0].Wrong == "" || f[0].Do == "" || got.Deploy || got.Running || !got.Own {
		t.Errorf("check --json = %+v", got)
	}
	if r := p.check(nil, "--json"); !strings.Contains(r.stdout, `"findings": []`) {
		t.Errorf("check --json without a finding = %s; want an empty list", r.stdout)
	}
}
