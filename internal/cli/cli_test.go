package cli_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"pagesession/internal/app"
	"pagesession/internal/cli"
	"pagesession/internal/config"
)

// result is what a caller of the program sees, and the config that serve got.
type result struct {
	code           int
	stdout, stderr string
	served         *config.Config
}

// run calls Main with a serve that returns err.
func run(t *testing.T, err error, environ []string, args ...string) result {
	t.Helper()
	var r result
	var stdout, stderr bytes.Buffer
	serve := func(_ context.Context, cfg config.Config, _ *slog.Logger, _ app.Process) error {
		r.served = &cfg
		return err
	}
	program := cli.Program{Args: args, Environ: environ, Stdout: &stdout, Stderr: &stderr, Serve: serve}
	r.code = program.Main(t.Context())
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

func TestMain_Serves(t *testing.T) {
	for _, args := range [][]string{
		{},
		{"serve"},
	} {
		r := run(t, nil, nil, args...)
		if r.code != 0 || r.stdout != "" || r.stderr != "" {
			t.Errorf("Main(%q) = %d, %q, %q; want 0 and silence", args, r.code, r.stdout, r.stderr)
		}
		if r.served == nil || r.served.Addr != "127.0.0.1:8000" {
			t.Errorf("Main(%q) served %+v; want the defaults", args, r.served)
		}
	}
}

func TestMain_PassesFlagsAndEnvironment(t *testing.T) {
	environ := []string{"PAGESESSION_IDLE_TIMEOUT=30s", "PAGESESSION_ADDR=:1"}
	for _, args := range [][]string{
		{"--addr", ":2"},
		{"--addr=:2"},
		{"serve", "--addr", ":2"},
		{"--addr", ":2", "serve"},
	} {
		r := run(t, nil, environ, args...)
		if r.code != 0 || r.served == nil {
			t.Errorf("Main(%q) = %d, %q; want 0 and served", args, r.code, r.stderr)
			continue
		}
		if r.served.Addr != ":2" || r.served.IdleTimeout != 30*time.Second {
			t.Errorf("Main(%q) served %+v; want addr :2, idle timeout 30s", args, r.served)
		}
	}
}

func TestMain_BadUse(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--foo"}, `unknown flag --foo; see "pagesession --help"`},
		{[]string{"--foo=bar\nbaz\x1b[31m"}, `unknown flag --foo; see "pagesession --help"`},
		{[]string{"--fo\no"}, `unknown flag --fo; o; see "pagesession --help"`},
		{[]string{"serve", "--foo"}, `unknown flag --foo; see "pagesession serve --help"`},
		{[]string{"-x"}, `unknown flag -x; see "pagesession --help"`},
		{[]string{"--addr"}, `missing value of --addr; see "pagesession --help"`},
		{[]string{"start"}, `unknown command "start"; see "pagesession --help"`},
		{[]string{"servee"}, `unknown command "servee"; see "pagesession --help"`},
		{[]string{"a\nb"}, `unknown command "a\nb"; see "pagesession --help"`},
		{[]string{"serve", "now"}, `unexpected argument "now"; see "pagesession serve --help"`},
		{[]string{"version", "now"}, `unexpected argument "now"; see "pagesession version --help"`},
		{[]string{"help", "nothing"}, `unknown command "nothing"; see "pagesession --help"`},
		{[]string{"help", "serve", "nothing"}, `unknown command "serve nothing"; see "pagesession --help"`},
		{[]string{"completion", "nothing"}, `unexpected argument "nothing"; see "pagesession completion --help"`},
		{[]string{"completion", "bash", "now"}, `unexpected argument "now"; see "pagesession completion bash --help"`},
		{[]string{"--idle-timeout", "abc"}, `--idle-timeout="abc" is not a duration; use for example 20s`},
		{[]string{"serve", "--max-sessions", "0"}, `--max-sessions="0" is not a number from 1 to 50000000; use for example 1000000`},
	} {
		r := run(t, nil, nil, tc.args...)
		want := "pagesession: " + tc.want + "\n"
		if r.code != 2 || r.stdout != "" || r.stderr != want {
			t.Errorf("Main(%q) = %d, %q, %q; want 2, nothing, %q", tc.args, r.code, r.stdout, r.stderr, want)
		}
		if r.served != nil {
			t.Errorf("Main(%q) served %+v; want nothing served", tc.args, *r.served)
		}
	}
}

func TestMain_BadEnvironment(t *testing.T) {
	r := run(t, nil, []string{"PAGESESSION_IDLE_TIMEOUT=abc"})
	want := "pagesession: PAGESESSION_IDLE_TIMEOUT=\"abc\" is not a duration; use for example 20s\n"
	if r.code != 2 || r.stderr != want || r.served != nil {
		t.Errorf("Main() = %d, %q, served %v; want 2, %q", r.code, r.stderr, r.served, want)
	}
}

func TestMain_UnknownEnvironmentWarns(t *testing.T) {
	r := run(t, nil, []string{"PAGESESSION_ADRR=:1"})
	if r.code != 0 || r.served == nil || strings.Count(r.stderr, "\n") != 1 {
		t.Fatalf("Main() = %d, %q, served %v; want 0, one line, served", r.code, r.stderr, r.served)
	}
	for _, want := range []string{`{"time":`, `"level":"WARN"`, "PAGESESSION_ADRR"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("stderr = %q; want %s in it", r.stderr, want)
		}
	}
}

func TestMain_Failure(t *testing.T) {
	r := run(t, errors.Join(errors.New("open data:\tdisk on fire"), errors.New("close it")), nil)
	want := "pagesession: open data: disk on fire; close it\n"
	if r.code != 1 || r.stdout != "" || r.stderr != want {
		t.Errorf("Main() = %d, %q, %q; want 1, nothing, %q", r.code, r.stdout, r.stderr, want)
	}
}

type incomplete struct{ error }

func (incomplete) ExitCode() int { return 3 }

// The server's error may choose its exit code.
func TestMain_ExitCodeOfTheServer(t *testing.T) {
	for want, err := range map[int]error{1: errors.New("x"), 3: errors.Join(errors.New("x"), incomplete{errors.New("may be missing")})} {
		if r := run(t, err, nil); r.code != want || !strings.Contains(r.stderr, "pagesession: ") {
			t.Errorf("Main, when the server returns %q = %d, %q; want %d and the error", err, r.code, r.stderr, want)
		}
	}
}

func TestMain_HandsOnTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var got error
	serve := func(ctx context.Context, _ config.Config, _ *slog.Logger, _ app.Process) error {
		got = ctx.Err()
		return nil
	}
	program := cli.Program{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Serve: serve}
	code := program.Main(ctx)
	if code != 0 || !errors.Is(got, context.Canceled) {
		t.Errorf("Main(cancelled) = %d, serve saw %v; want 0, %v", code, got, context.Canceled)
	}
}

func TestMain_Version(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--version"}} {
		r := run(t, nil, nil, args...)
		if r.code != 0 || !strings.HasPrefix(r.stdout, "pagesession ") || !strings.Contains(r.stdout, runtime.Version()) {
			t.Errorf("Main(%q) = %d, %q; want 0, pagesession … %s", args, r.code, r.stdout, runtime.Version())
		}
		if r.stderr != "" || strings.Count(r.stdout, "\n") != 1 || r.served != nil {
			t.Errorf("Main(%q) = %q, %q; want one line on stdout", args, r.stdout, r.stderr)
		}
	}
}

func TestMain_Help(t *testing.T) {
	for _, tc := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"--help"}, []string{"serve", "version", "completion", "--addr", "$PAGESESSION_ADDR", "--allowed-hosts"}},
		{[]string{"help"}, []string{"serve", "version", "--addr"}},
		{[]string{"help", "serve"}, []string{"pagesession serve", "--data-dir", "--help"}},
		{[]string{"completion", "bash"}, []string{"bash completion"}},
	} {
		r := run(t, nil, nil, tc.args...)
		if r.code != 0 || r.stderr != "" || r.served != nil {
			t.Errorf("Main(%q) = %d, stderr %q; want 0 and only stdout", tc.args, r.code, r.stderr)
		}
		for _, want := range tc.wants {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("Main(%q) printed %s; want %q in it", tc.args, r.stdout, want)
			}
		}
	}
}
