package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Wrong arguments are reported before any file is opened, with the command's help.
func TestCommands_BadUse(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "missing")}
	const noSession = ` is not a session; give the fingerprint that "pagesession sessions list" shows, or at least 4 of its digits`
	for _, tc := range []struct{ command, args, want string }{
		{"users", "", "users needs a command: list, add, change, delete, disable, enable, unlock or second-factor"},
		{"users", "remove ada", `users has no command "remove"; use list, add, change, delete, disable, enable, unlock or second-factor`},
		{"users", "remove ada --json", `users has no command "remove"; use list, add, change, delete, disable, enable, unlock or second-factor`},
		{"users disable", "", "missing username"},
		{"users disable", "ada bob", `unexpected argument "bob"`},
		{"users list", "ada", `unexpected argument "ada"`},
		{"users list", "--all", "unknown flag --all"},
		{"users second-factor", "", "second-factor needs a command: add, recovery-codes or reset"},
		{"users second-factor add", "", "missing username"},
		{"users second-factor add", "ada 123456", `unexpected argument "123456"`},
		{"users second-factor reset", "", "missing username"},
		{"accounts", "", "accounts needs a command: move"},
		{"accounts", "copy", `accounts has no command "copy"; use move`},
		{"accounts move", "postgres://host/db", `unexpected argument "postgres://host/db"`},
		{"sessions", "", "sessions needs a command: list, show, end, end-all, clear or move"},
		{"sessions list", "--state dead", `--state="dead" is not live, ended or all`},
		{"sessions list", "--sort -colour", `--sort="-colour" is not created, used, remaining, absolute, refreshes, ended or handle`},
		{"sessions list", "--limit 0", `--limit=0 is not a number from 1 to 500`},
		{"sessions list", "--limit 501", `--limit=501 is not a number from 1 to 500`},
		{"sessions list", "--offset -1", `--offset=-1 is negative`},
		{"sessions list", "--limit ten", `--limit="ten" is not a number`},
		{"sessions list", "--json=x", `--json="x" is not true or false`},
		{"sessions show", "", "missing session"},
		{"sessions show", "abc", `"abc"` + noSession},
		{"sessions end", strings.Repeat("a", 33), `"` + strings.Repeat("a", 33) + `"` + noSession},
		{"sessions end", "xyzw", `"xyzw"` + noSession},
		{"sessions end", "abcd ef01", `unexpected argument "ef01"`},
		{"sessions end-all", "now", `unexpected argument "now"`},
		{"clearsessions", "now", `unexpected argument "now"`},
		{"privacy", "", "privacy needs a command: export or erase"},
		{"privacy export", "", "give one of --user, --session, --subject and --name"},
		{"privacy export", "--user ada --name Ada", "give one of --user, --session, --subject and --name"},
		{"privacy export", "ada", `unexpected argument "ada"`},
		{"privacy erase", "--session xyz", `"xyz"` + noSession},
		{"createsuperuser", "ada", `unexpected argument "ada"`},
		{"createsuperuser", "--password secret", "unknown flag --password"},
		{"changepassword", "ada secret", `unexpected argument "secret"`},
		{"import-django", "", "missing file"},
		{"man", "here there", `unexpected argument "there"`},
		{"config", "", "config needs a command: show, check or init"},
		{"config", "edit", `config has no command "edit"; use show, check or init`},
		{"config show", "addr", `unexpected argument "addr"`},
		{"config init", "here there", `unexpected argument "there"`},
	} {
		r := p.do(strings.Fields(tc.command + " " + tc.args)...)
		want := fmt.Sprintf("pagesession: %s; see \"pagesession %s --help\"\n", tc.want, tc.command)
		if r.code != 2 || r.stdout != "" || r.stderr != want {
			t.Errorf("%s %s = %d, %q, %q; want 2, %q", tc.command, tc.args, r.code, r.stdout, r.stderr, want)
		}
	}
	r := p.with(new(script), []string{"PAGESESSION_MAX_SESSIONS=many"}, "users", "list")
	if r.code != 2 || !strings.Contains(r.stderr, `PAGESESSION_MAX_SESSIONS="many" is not a number`) {
		t.Errorf("users list with a bad setting = %d, %q; want what serve says", r.code, r.stderr)
	}
}

// createsuperuser reads its variables, and warns of a misspelt one.
func TestCommands_WarnOfUnknownVariables(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	environ := []string{"PAGESESSION_SUPERUSER_USERNAME=ada", "PAGESESSION_SUPERUSER_EMAIL=", "PAGESESSION_SUPERUSER_PASSWORD=" + password, "PAGESESSION_SUPERUSER_NAME=ada"}
	r := p.with(new(script), environ, "createsuperuser", "--noinput")
	if r.code != 0 || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, "PAGESESSION_SUPERUSER_NAME") {
		t.Errorf("createsuperuser = %d, %q; want one warning", r.code, r.stderr)
	}
}

func TestMan(t *testing.T) {
	p := &place{t: t, dir: t.TempDir()}
	r := p.do("man")
	if r.code != 0 || !strings.Contains(r.stdout, `.TH "PAGESESSION" "1"`) || !strings.Contains(r.stdout, "pagesession-createsuperuser(1)") {
		t.Errorf("man = %d, %.200q, %q; want the page", r.code, r.stdout, r.stderr)
	}
	if again := p.do("man"); again.stdout != r.stdout {
		t.Error("man prints another page each time")
	}
	folder := filepath.Join(t.TempDir(), "a", "man1")
	if r := p.do("man", folder); r.code != 0 || r.stdout+r.stderr != "" {
		t.Errorf("man FOLDER = %d, %q, %q; want silence", r.code, r.stdout, r.stderr)
	}
	for _, page := range []string{"pagesession.1", "pagesession-sessions-end-all.1", "pagesession-import-django.1"} {
		if _, err := os.Stat(filepath.Join(folder, page)); err != nil {
			t.Error(err)
		}
	}
	if r := p.do("man", "usage_test.go"); r.code != 1 || !strings.HasPrefix(r.stderr, "pagesession: create manual folder: ") {
		t.Errorf("man FILE = %d, %q; want 1", r.code, r.stderr)
	}
}

func TestVersion_JSON(t *testing.T) {
	p := &place{t: t, dir: t.TempDir()}
	var v map[string]string
	if r := p.do("version", "--json"); json.Unmarshal([]byte(r.stdout), &v) != nil || len(v) != 4 || !strings.HasPrefix(v["go"], "go") {
		t.Errorf("version --json = %d, %q, %q", r.code, r.stdout, r.stderr)
	}
}

// The shell completes a flag that takes one of some words.
func TestCompletion_Words(t *testing.T) {
	p := &place{t: t, dir: t.TempDir()}
	if r := p.do("__complete", "sessions", "list", "--state", ""); !strings.HasPrefix(r.stdout, "live\nended\nall\n") {
		t.Errorf("completion of --state = %q; want its words", r.stdout)
	}
}
