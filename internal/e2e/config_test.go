package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

// finish runs a command to its end and returns its exit code and its output.
func finish(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := command(args...)
	cmd.Env = append(cmd.Env, env...)
	cmd.Dir = t.TempDir()
	var out, errs testkit.Log
	cmd.Stdout, cmd.Stderr = &out, &errs
	code = bounded(t, cmd)
	if left, _ := os.ReadDir(cmd.Dir); len(left) > 0 {
		t.Errorf("%q left %v in the current folder", args, left)
	}
	return code, out.String(), errs.String()
}

// oneLine fails the test unless text is one line that names the program.
func oneLine(t *testing.T, what, text string) {
	t.Helper()
	if strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "pagesession: ") || !strings.HasSuffix(text, "\n") {
		t.Errorf("%s: stderr %q; want one line that begins with pagesession:", what, text)
	}
}

func TestConfig_BadFlagsAndEnvironment(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_000)
	for _, c := range []struct {
		env  []string
		args []string
		says string
	}{
		{args: []string{"--nope"}, says: "--nope"},
		{args: []string{"-z"}, says: "-z"},
		{args: []string{"extra"}, says: "extra"},
		{args: []string{"--addr"}, says: "addr"},
		{args: []string{"--addr", "nonsense"}, says: "--addr"},
		{args: []string{"--addr", "127.0.0.1"}, says: "--addr"},
		{args: []string{"--addr", "127.0.0.1:99999"}, says: "--addr"},
		{args: []string{"--addr", ""}, says: "--addr"},
		{args: []string{"--data-dir", ""}, says: "--data-dir"},
		{args: []string{"--idle-timeout", "20"}, says: "--idle-timeout"},
		{args: []string{"--idle-timeout", "0"}, says: "--idle-timeout"},
		{args: []string{"--idle-timeout", "999ms"}, says: "--idle-timeout"},
		{args: []string{"--idle-timeout", "-20s"}, says: "--idle-timeout"},
		{args: []string{"--idle-timeout", "9999999h"}, says: "--idle-timeout"},
		{args: []string{"--idle-timeout", "24h"}, says: "--absolute-timeout"}, // longer than the absolute one
		{args: []string{"--absolute-timeout", "soon"}, says: "--absolute-timeout"},
		{args: []string{"--absolute-timeout", "10s"}, says: "--absolute-timeout"},
		{args: []string{"--absolute-timeout", "-1h"}, says: "--absolute-timeout"},
		{args: []string{"--max-sessions", "0"}, says: "--max-sessions"},
		{args: []string{"--language", "it"}, says: "en, hi, de, fr, es or auto"},
		{args: []string{"--language", ""}, says: "--language"},
		{args: []string{"--time-zone", "Mars/Olympus"}, says: "IANA name"},
		{args: []string{"--time-zone", "Local"}, says: "IANA name"},
		{env: []string{"PAGESESSION_LANGUAGE=EN"}, says: "PAGESESSION_LANGUAGE"},
		{env: []string{"PAGESESSION_TIME_ZONE=../zone"}, says: "PAGESESSION_TIME_ZONE"},
		{args: []string{"--max-sessions", "-1"}, says: "--max-sessions"},
		{args: []string{"--max-sessions", "many"}, says: "--max-sessions"},
		{args: []string{"--max-sessions", "99999999999999999999"}, says: "--max-sessions"},
		{args: []string{"--allowed-hosts", ""}, says: "--allowed-hosts"},
		{args: []string{"--allowed-hosts", "a,,b"}, says: "--allowed-hosts"},
		{args: []string{"--allowed-hosts", "http://localhost"}, says: "--allowed-hosts"},
		{args: []string{"--allowed-hosts", "localhost:8000"}, says: "--allowed-hosts"},
		{args: []string{"--allowed-hosts", "a\nb"}, says: "--allowed-hosts"},
		{args: []string{"--idle-timeout", "1s\n2s\x1b[2J"}, says: "--idle-timeout"},
		{args: []string{"--idle-timeout", long}, says: "--idle-timeout"},
		{args: []string{"--debug=maybe"}, says: "--debug"},
		{env: []string{"PAGESESSION_DEBUG=maybe"}, says: "PAGESESSION_DEBUG"},
		{env: []string{"PAGESESSION_ADDR=nonsense"}, says: "PAGESESSION_ADDR"},
		{env: []string{"PAGESESSION_IDLE_TIMEOUT=20"}, says: "PAGESESSION_IDLE_TIMEOUT"},
		{env: []string{"PAGESESSION_ABSOLUTE_TIMEOUT=x"}, says: "PAGESESSION_ABSOLUTE_TIMEOUT"},
		{env: []string{"PAGESESSION_MAX_SESSIONS=1e6"}, says: "PAGESESSION_MAX_SESSIONS"},
		{env: []string{"PAGESESSION_ALLOWED_HOSTS=*."}, says: "PAGESESSION_ALLOWED_HOSTS"},
	} {
		code, stdout, stderr := finish(t, c.env, c.args...)
		what := strings.Join(append(c.env, c.args...), " ")
		what = what[:min(len(what), 60)]
		if code != 2 || stdout != "" || !strings.Contains(stderr, c.says) || len(stderr) > 500 {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want 2, nothing, and a line with %s", what, code, stdout, stderr, c.says)
		}
		oneLine(t, what, stderr)
		if strings.ContainsAny(stderr, "\x1b\x00\r") {
			t.Errorf("%s: stderr %q holds control characters", what, stderr)
		}
	}
}

func TestConfig_Help(t *testing.T) {
	t.Parallel()
	code, stdout, _ := finish(t, nil, "--help")
	for _, want := range []string{
		"--addr", "127.0.0.1:8000", "PAGESESSION_ADDR", "--data-dir", "./data", "PAGESESSION_DATA_DIR",
		"--idle-timeout", "20s", "PAGESESSION_IDLE_TIMEOUT", "--absolute-timeout", "12h", "PAGESESSION_ABSOLUTE_TIMEOUT",
		"--max-sessions", "1000000", "PAGESESSION_MAX_SESSIONS", "--allowed-hosts", "localhost,127.0.0.1,[::1]", "PAGESESSION_ALLOWED_HOSTS",
		"--language", "en, hi, de, fr, es or auto", "PAGESESSION_LANGUAGE", "--time-zone", "UTC", "PAGESESSION_TIME_ZONE",
	} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("--help: exit %d, without %q:\n%s", code, want, stdout)
		}
	}
}

func TestConfig_EnvironmentAndFlags(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "data")
	cmd := command("--idle-timeout", "50s")
	cmd.Env = append(cmd.Env, "PAGESESSION_ADDR=127.0.0.1:0", "PAGESESSION_DATA_DIR="+dir, "PAGESESSION_IDLE_TIMEOUT=40s",
		"PAGESESSION_ABSOLUTE_TIMEOUT=60s", "PAGESESSION_MAX_SESSIONS=2", "PAGESESSION_ALLOWED_HOSTS=app.example,127.0.0.1")
	s := launch(t, dir, cmd)
	r := s.get("/set/", func(r *http.Request) { r.Host = "app.example" })
	r.live(t, "the flag wins", 50)
	if l := s.look(sentID(r)); *l.AbsoluteRemainingMS > 60_000 || *l.AbsoluteRemainingMS < 30_000 {
		t.Errorf("absolute_remaining_ms = %d; want a little less than 60000", *l.AbsoluteRemainingMS)
	}
	s.set()
	if r := s.get("/set/"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("third GET /set/ of 2 sessions = %d; want 503", r.StatusCode)
	}
	if r := s.get("/", func(r *http.Request) { r.Host = "localhost" }); r.StatusCode != http.StatusBadRequest {
		t.Errorf("Host localhost, which is not in the list, = %d; want 400", r.StatusCode)
	}
}

// An empty variable counts as unset. The log warns of a misspelt one.
func TestConfig_EmptyAndUnknownVariables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := command("--addr", "127.0.0.1:0", "--data-dir", dir)
	cmd.Env = append(cmd.Env, "PAGESESSION_IDLE_TIMEOUT=", "PAGESESSION_IDLE_TIMOUT=5s")
	s := launch(t, dir, cmd)
	s.get("/set/").live(t, "GET /set/", 20)
	if log := s.out.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "PAGESESSION_IDLE_TIMOUT") {
		t.Errorf("no warning of a misspelt variable:\n%s", log)
	}
}
