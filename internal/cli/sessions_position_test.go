package cli_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pagesession/internal/cli"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/storage/record"
)

// byPosition is a session server with 12,000 sessions, of which a search finds one.
type byPosition struct {
	control.Lister
	asked *record.Query
}

func (byPosition) ByPosition() bool { return true }

func (b byPosition) List(_ context.Context, q record.Query) (record.Page, error) {
	*b.asked = q
	handle := record.KeyOf("id").Handle()
	if q.From == last() {
		return record.Page{Total: 12000, Looked: 2000}, nil
	}
	row := record.Row{Handle: handle, State: record.Live, Remaining: time.Minute}
	return record.Page{Rows: []record.Row{row}, Total: 12000, Looked: 5000, More: true, Next: record.Position{Created: 7, Handle: handle}}, nil
}

// last is where the last page begins.
func last() record.Position { return record.Position{Created: 9, Handle: record.KeyOf("id").Handle()} }

// A list by position ends with how to go on, in words and in JSON.
func TestSessionsList_ByPosition(t *testing.T) {
	next := record.Position{Created: 7, Handle: record.KeyOf("id").Handle()}
	var asked record.Query
	list := func(args ...string) (code int, stdout, stderr string) {
		var out, err bytes.Buffer
		files := func(context.Context, control.Need) (control.Stores, func() error, error) {
			return control.Stores{Visitors: byPosition{asked: &asked}}, func() error { return nil }, nil
		}
		program := cli.Program{
			Args: append([]string{"sessions", "list"}, args...), Environ: []string{"PAGESESSION_DATA_DIR=" + t.TempDir()}, Stdout: &out, Stderr: &err,
			Operate: func(cfg config.Config, _ *slog.Logger) *control.Client {
				return &control.Client{Dir: cfg.DataDir, Actor: "root", Files: files}
			},
		}
		return program.Main(t.Context()), out.String(), err.String()
	}
	code, stdout, stderr := list("--search", "Ada", "--from", next.String())
	if code != 0 || asked.From != next || !strings.HasSuffix(stdout, "\n1 session found; looked at 5000 of about 12000.\nTo go on, add: --from "+next.String()+"\n") {
		t.Errorf("sessions list = %d, %q, %q, asked %+v; want how to go on", code, stdout, stderr, asked)
	}
	if code, stdout, _ := list(); code != 0 || strings.Contains(stdout, "REFRESHED") || !strings.HasSuffix(stdout, "\n1 session of about 12000.\nTo go on, add: --from "+next.String()+"\n") {
		t.Errorf("sessions list = %d, %q; want a page without REFRESHED", code, stdout)
	}
	if code, stdout, _ := list("--search", "Ada", "--from", last().String()); code != 0 || stdout != "0 sessions found; looked at 2000 of about 12000.\nThat is the last page.\n" {
		t.Errorf("sessions list = %d, %q; want that it is the last page", code, stdout)
	}
	if code, stdout, _ := list("--json"); code != 0 || !strings.Contains(stdout, `"next": "`+next.String()+`"`) || !strings.Contains(stdout, `"looked": 5000`) {
		t.Errorf("sessions list --json = %d, %q; want next and looked", code, stdout)
	}
	if code, _, stderr := list("--sort", "-used"); code != 1 || !strings.Contains(stderr, "--sort -used is not offered by a session server") {
		t.Errorf("sessions list --sort -used = %d, %q; want 1 and why", code, stderr)
	}
	if code, _, stderr := list("--from", "there"); code != 2 || !strings.Contains(stderr, `--from="there" is not a position`) {
		t.Errorf("sessions list --from there = %d, %q; want 2", code, stderr)
	}
}
