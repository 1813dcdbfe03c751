package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"pagesession/internal/account"
	"pagesession/internal/app"
	"pagesession/internal/cli"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/testkit"
)

// password is a password that the validators accept.
const password = "a perfectly fine one"

// A place is a data folder, with or without a running server.
type place struct {
	t       *testing.T
	dir     string
	url     string // of the server, while it runs
	notices *bytes.Buffer
	stop    func() // the server
}

// bothPlaces runs a test with a running server, and again with a stopped one. visitors is
// the number of sessions.
func bothPlaces(t *testing.T, visitors int, test func(p *place)) {
	for _, running := range []bool{true, false} {
		name := map[bool]string{true: "running", false: "stopped"}[running]
		t.Run(name, func(t *testing.T) {
			p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
			p.serve()
			for range visitors {
				p.newSession()
			}
			if !running {
				p.stop()
			}
			test(p)
		})
	}
}

// serve runs a server on the folder until stop, or until the test ends.
func (p *place) serve() {
	p.t.Helper()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.Bind(flags)
	loaded, err := config.Load(flags, nil, "serve")
	if err != nil {
		p.t.Fatal(err)
	}
	cfg := loaded.Config
	cfg.Addr, cfg.DataDir, cfg.IdleTimeout = "127.0.0.1:0", p.dir, time.Hour
	found := make(testkit.Serving, 1)
	ctx, cancel := context.WithCancel(context.Background())
	done, ended := make(chan error, 1), false
	p.notices = new(bytes.Buffer)
	go func() { done <- app.Run(ctx, cfg, slog.New(found), app.Process{Notices: p.notices}) }()
	p.stop = func() {
		if cancel(); !ended {
			ended = true
			if err := <-done; err != nil {
				p.t.Error(err)
			}
		}
	}
	p.t.Cleanup(p.stop)
	select {
	case p.url = <-found:
	case err := <-done:
		done <- nil
		p.t.Fatal(err)
	}
}

// newSession starts a session and returns its cookie.
func (p *place) newSession() *http.Cookie {
	p.t.Helper()
	return testkit.At(p.t, p.url).Get("set/?name=Ada").Cookies()[0]
}

// state returns the answer of GET /session/ for a cookie.
func (p *place) state(cookie *http.Cookie) string {
	p.t.Helper()
	return testkit.At(p.t, p.url).Get("session/", testkit.Cookie(cookie.Name, cookie.Value)).Text
}

// do runs a command on the folder.
func (p *place) do(args ...string) result {
	p.t.Helper()
	return p.answering(nil, args...)
}

// answering runs a command, and answers its questions.
func (p *place) answering(prompt *script, args ...string) result {
	p.t.Helper()
	if prompt == nil {
		prompt = new(script)
	}
	return p.with(prompt, nil, args...)
}

func (p *place) with(prompt *script, environ []string, args ...string) (r result) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	prompt.out = &stderr
	program := cli.Program{
		Args: args, Environ: append(environ, "PAGESESSION_DATA_DIR="+p.dir),
		Stdout: &stdout, Stderr: &stderr, Prompt: prompt, Operate: app.Operate,
	}
	r.code = program.Main(p.t.Context())
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

// varying matches what differs from call to call: handles, fingerprints, times.
var varying = regexp.MustCompile(`\b[0-9a-f]{32}\b|\b[0-9a-f]{8}\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?( UTC|Z)?|\b\d+ (s|min|h)( \d+ (s|min))?\b|(_ms": )\d+`)

// fixed replaces each of these with #, and several blanks with one.
func fixed(s string) string {
	s = varying.ReplaceAllString(s, "$7#")
	return regexp.MustCompile(` {2,}`).ReplaceAllString(s, "  ")
}

// wants compares a command's answer with the expected one, without what varies.
func (p *place) wants(r result, what string, code int, stdout, stderr string) {
	p.t.Helper()
	if r.code != code || fixed(r.stdout) != stdout || fixed(r.stderr) != stderr {
		p.t.Errorf("%s = %d\nstdout %q\nstderr %q\nwant %d\nstdout %q\nstderr %q",
			what, r.code, fixed(r.stdout), fixed(r.stderr), code, stdout, stderr)
	}
}

// superuser creates the superuser ada.
func (p *place) superuser() {
	p.t.Helper()
	environ := []string{"PAGESESSION_SUPERUSER_USERNAME=ada", "PAGESESSION_SUPERUSER_EMAIL=ada@example.com", "PAGESESSION_SUPERUSER_PASSWORD=" + password}
	r := p.with(new(script), environ, "createsuperuser", "--noinput")
	p.wants(r, "createsuperuser --noinput", 0, "Superuser ada created.\n", "")
}

// Each command says and does the same with and without a server.
func TestCommands_BothWays(t *testing.T) {
	bothPlaces(t, 3, func(p *place) {
		p.wants(p.do("users", "list"), "users list", 0, "No operators.\n", "")
		p.superuser()
		for _, tc := range []struct {
			args   string
			code   int
			stdout string
			stderr string
		}{
			{"users list", 0, "USERNAME  E-MAIL  NAME  ACTIVE  STAFF  SUPERUSER  SECOND FACTOR  LAST SIGN-IN  GROUPS\n" +
				"ada  ada@example.com  -  yes  yes  yes  no  never  -\n", ""},
			{"users list --search bob", 0, "No operators.\n", ""},
			{"users list --search bob --json", 0, "{\n  \"users\": []\n}\n", ""},
			{"users disable ada", 1, "", "pagesession: this is the last active superuser; make another user a superuser first\n"},
			{"users enable ada", 0, "ada is enabled.\n", ""},
			{"users unlock bob", 1, "", "pagesession: user \"bob\" not found; \"pagesession users list\" shows all\n"},
			{"users enable bob", 1, "", "pagesession: user \"bob\" not found; \"pagesession users list\" shows all\n"},
			{"changepassword bob", 1, "", "pagesession: user \"bob\" not found; \"pagesession users list\" shows all\n"},
			{"changepassword ada", 2, "", "Changing password for user 'ada'\npagesession: stdin is not a terminal; run this command in one\n"},
			{"createsuperuser", 2, "", "pagesession: stdin is not a terminal; run this command in one, or use --noinput\n"},
			{"users second-factor add ada", 2, "", "pagesession: stdin is not a terminal; run this command in one\n"},
			{"users second-factor add bob", 1, "", "pagesession: user \"bob\" not found; \"pagesession users list\" shows all\n"},
			{"users second-factor recovery-codes ada", 1, "", "pagesession: this user has no second factor\n"},
			{"users second-factor reset ada", 1, "", "pagesession: this user has no second factor\n"},
			{"users second-factor reset bob", 1, "", "pagesession: user \"bob\" not found; \"pagesession users list\" shows all\n"},
			{"sessions list --limit 2", 0, "FINGERPRINT  NAME  STATE  AGE  UNUSED  REFRESHED  ADDRESS  AGENT\n" +
				strings.Repeat("#  Ada  # left  #  #  0  127.0.0.1  Go-http-client/1.1\n", 2) + "Sessions 1 to 2 of 3.\n", ""},
			{"sessions list --offset 2", 0, "FINGERPRINT  NAME  STATE  AGE  UNUSED  REFRESHED  ADDRESS  AGENT\n" +
				"#  Ada  # left  #  #  0  127.0.0.1  Go-http-client/1.1\nSessions 3 to 3 of 3.\n", ""},
			{"sessions list --offset 9", 0, "3 sessions in total; lower --offset to see them.\n", ""},
			{"sessions list --search Bob", 0, "0 sessions.\n", ""},
			{"sessions list --state ended", 0, "0 sessions.\n", ""},
			{"sessions show 00000000", 1, "", "pagesession: session # not found; \"pagesession sessions list\" shows all\n"},
			{"sessions end 00000000000000000000000000000000", 1, "", "pagesession: session # not found; \"pagesession sessions list\" shows all\n"},
			{"sessions end-all", 2, "", "pagesession: stdin is not a terminal; run this command in one, or use --yes\n"},
			{"sessions clear", 0, "0 expired sessions cleared.\n", ""},
			{"clearsessions --json", 0, "{\n  \"count\": 0\n}\n", ""},
			{"import-django commands_test.go", 1, "", "pagesession: \"commands_test.go\" cannot be read as a SQLite database: file is not a database (26)\n"},
			{"import-django missing.sqlite3", 1, "", "pagesession: \"missing.sqlite3\" cannot be read: no such file or directory; give the project's db.sqlite3\n"},
			{"import-django .", 1, "", "pagesession: \".\" is not a regular file; give the project's db.sqlite3\n"},
			{"sessions end-all --yes", 0, "3 sessions ended.\n", ""},
			{"sessions end-all --yes", 0, "0 sessions ended.\n", ""},
			{"sessions list --state ended --limit 1", 0, "FINGERPRINT  NAME  STATE  AGE  UNUSED  REFRESHED  ADDRESS  AGENT\n" +
				"#  -  ended # ago: revoked  -  -  -  -  -\nSessions 1 to 1 of 3.\n", ""},
		} {
			p.wants(p.do(strings.Fields(tc.args)...), tc.args, tc.code, tc.stdout, tc.stderr)
		}
	})
}

// One session, by its fingerprint and by its whole handle.
func TestCommands_OneSession(t *testing.T) {
	bothPlaces(t, 1, func(p *place) {
		var list struct {
			At       time.Time
			Total    int
			Sessions []struct {
				Handle, Fingerprint, State, Name string
				CreatedAt                        time.Time `json:"created_at"`
				RemainingMS                      int64     `json:"remaining_ms"`
			}
		}
		p.parse(&list, "sessions", "list", "--json")
		if list.Total != 1 || len(list.Sessions) != 1 || time.Since(list.At) > time.Minute {
			p.t.Fatalf("sessions list --json = %+v; want one, now", list)
		}
		s := list.Sessions[0]
		if s.State != "live" || s.Name != "Ada" || s.RemainingMS < 3_500_000 || s.RemainingMS > 3_600_000 || s.CreatedAt.After(list.At) {
			p.t.Errorf("sessions list --json = %+v; want Ada's, of an hour", s)
		}
		shown := "Handle  #\nState  # left\nCreated  #, # ago\nLast used  # ago\nRefreshed  0\nIdle timeout  #\nAbsolute timeout  in #\n" +
			"Address  127.0.0.1\nAgent  Go-http-client/1.1\nValue name  Ada\n"
		p.wants(p.do("sessions", "show", s.Fingerprint), "sessions show", 0, shown, "")
		p.wants(p.do("sessions", "show", strings.ToUpper(s.Handle)), "sessions show HANDLE", 0, shown, "")
		p.wants(p.do("sessions", "end", s.Fingerprint), "sessions end", 0, "Session # ended.\n", "")
		p.wants(p.do("sessions", "end", s.Fingerprint), "sessions end again", 1, "", "pagesession: session # has already ended\n")
		p.wants(p.do("sessions", "show", s.Fingerprint), "sessions show of the ended", 0, "Handle  #\nState  ended # ago: revoked\n", "")
		var ended map[string]any
		p.parse(&ended, "sessions", "show", s.Handle, "--json")
		if _, there := ended["remaining_ms"]; there || ended["reason"] != "revoked" {
			p.t.Errorf("sessions show --json of the ended = %v; want the reason, and nothing that is not known", ended)
		}
	})
}

// parse runs a command and reads its JSON.
func (p *place) parse(into any, args ...string) {
	p.t.Helper()
	r := p.do(args...)
	if err := json.Unmarshal([]byte(r.stdout), into); err != nil || r.code != 0 || r.stderr != "" {
		p.t.Errorf("%q = %d, %q, %q: %v; want JSON", args, r.code, r.stdout, r.stderr, err)
	}
}

// A visitor sees the end of their session at once, with the reason, also if the server
// starts after it.
func TestCommands_VisitorSeesTheEnd(t *testing.T) {
	p := &place{t: t, dir: t.TempDir()}
	p.serve()
	first, second := p.newSession(), p.newSession()
	const revoked = `{"state":"ended","reason":"revoked"`
	for _, args := range [][]string{{"sessions", "list", "--json", "--limit", "1"}, {"sessions", "end-all", "--yes"}} {
		if r := p.do(args...); r.code != 0 {
			t.Fatalf("%q = %d, %q", args, r.code, r.stderr)
		}
	}
	if state := p.state(first); !strings.HasPrefix(state, revoked) {
		t.Errorf("GET /session/ = %s; want %s", state, revoked)
	}
	p.stop()
	p.serve()
	third := p.newSession()
	p.stop()
	if r := p.do("sessions", "end-all", "--yes"); r.code != 0 || r.stdout != "1 session ended.\n" {
		t.Errorf("sessions end-all = %d, %q; want the one", r.code, r.stdout)
	}
	p.serve()
	for _, cookie := range []*http.Cookie{second, third} {
		if state := p.state(cookie); !strings.HasPrefix(state, revoked) {
			t.Errorf("GET /session/ after a restart = %s; want %s", state, revoked)
		}
	}
}

// Only a command that creates something creates the data folder, since the path may be
// mistyped.
func TestCommands_MissingFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := &place{t: t, dir: dir}
	for _, args := range []string{"users list", "sessions list", "sessions clear", "users disable ada", "changepassword ada"} {
		p.wants(p.do(strings.Fields(args)...), args, 1, "", "pagesession: data folder \""+dir+"\" does not exist; name it with --data-dir\n")
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
	file := filepath.Join(dir, "..", "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.wants(p.do("users", "list", "--data-dir", file), "users list", 1, "", "pagesession: \""+file+"\" is not a folder; name the data folder with --data-dir\n")
	p.superuser() // the first command that an operator may want
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v; want 0700", info, err)
	}
}

// A command does not write to a folder of another program.
func TestCommands_FolderOfSomethingElse(t *testing.T) {
	dir := t.TempDir()
	p := &place{t: t, dir: dir}
	for _, args := range []string{"users list", "sessions list", "sessions clear", "users disable ada", "changepassword ada"} {
		p.wants(p.do(strings.Fields(args)...), args, 1, "", "pagesession: folder \""+dir+"\" has no sessions and no accounts; name the data folder with --data-dir\n")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("the folder has %v, %v; want nothing", files, err)
	}
}

// sweeping is a store with seven sessions to clear.
type sweeping struct{ control.Lister }

func (sweeping) Sweep(context.Context) (int, error) { return 7, nil }

func (sweeping) Sync(context.Context) error { return nil }

// The result is printed, also when the audit log could not be written.
func TestCommands_NotAudited(t *testing.T) {
	accounts, err := account.Open(t.Context(), account.Config{Path: filepath.Join(t.TempDir(), "accounts.sqlite"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.Close(); err != nil {
		t.Fatal(err)
	}
	files := func(_ context.Context, _ control.Need) (control.Stores, func() error, error) {
		return control.Stores{Accounts: accounts, Visitors: sweeping{}}, func() error { return nil }, nil
	}
	var stdout, stderr bytes.Buffer
	program := cli.Program{
		Args: []string{"clearsessions"}, Environ: []string{"PAGESESSION_DATA_DIR=" + t.TempDir()}, Stdout: &stdout, Stderr: &stderr,
		Operate: func(cfg config.Config, _ *slog.Logger) *control.Client {
			return &control.Client{Dir: cfg.DataDir, Actor: "root", Files: files}
		},
	}
	code := program.Main(t.Context())
	if code != 1 || !strings.Contains(stdout.String(), "7") || !strings.Contains(stderr.String(), control.ErrNotAudited.Error()) {
		t.Errorf("clearsessions = %d, %q, %q; want 1, the count, and %v", code, stdout.String(), stderr.String(), control.ErrNotAudited)
	}
}
