package cli_test

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/app"
	"pagesession/internal/cli"
	"pagesession/internal/testkit"
)

// A backup on stdin is restored as one in a file, and leaves no copy. One that is cut is refused.
func TestRestore_Stdin(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		made := p.do("backup", "-").stdout
		p.add("eve")
		if r := p.reading(strings.NewReader(made[:len(made)-1024]), "restore", "-"); r.code != 1 || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, `backup "stdin" `) {
			p.t.Errorf("restore - of a backup that is cut = %+v; want 1, and one line about stdin", r)
		}
		if left := p.left(); left != nil {
			p.t.Errorf("the data folder has %v", left)
		}
		if r := p.reading(strings.NewReader(made), "restore", "-"); r.code != 0 || !strings.Contains(r.stdout, "with 1 user, is ") {
			p.t.Errorf("restore - = %+v; want 1 user", r)
		}
		if p.running() {
			p.stop()
			p.serve()
		}
		if got := p.operators(); got != "ada" {
			p.t.Errorf("the operators are %q; want ada alone", got)
		}
		if left := p.left(); left != nil {
			p.t.Errorf("the data folder has %v", left)
		}
	})
}

// Ctrl-C ends a command that waits for the rest of a backup, and what has come is removed.
func TestRestore_StdinInterrupted(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	ctx, interrupt := context.WithCancel(t.Context())
	if r := p.readingUntil(ctx, &unfinished{t, interrupt, 2}, "restore", "-"); r.code != 1 || r.stderr != "pagesession: cancelled; nothing was changed\n" {
		t.Errorf("restore - = %+v; want 1, and that it was cancelled", r)
	}
	if left := p.left(); left != nil {
		t.Errorf("the data folder has %v", left)
	}
}

// unfinished is stdin that stays open without an end. Its last read waits, and interrupts the command.
type unfinished struct {
	t         *testing.T
	interrupt func()
	reads     int
}

func (u *unfinished) Read(b []byte) (int, error) {
	if u.reads--; u.reads > 0 {
		return copy(b, "part of a backup"), nil
	}
	u.interrupt()
	select {
	case <-u.t.Context().Done():
	case <-time.After(testkit.Patience):
		u.t.Errorf("the command still waits after %v", testkit.Patience)
	}
	return 0, io.EOF
}

// reading runs a command with this stdin.
func (p *place) reading(stdin io.Reader, args ...string) result {
	p.t.Helper()
	return p.readingUntil(p.t.Context(), stdin, args...)
}

// readingUntil is reading for a command that is interrupted.
func (p *place) readingUntil(ctx context.Context, stdin io.Reader, args ...string) (r result) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	program := cli.Program{
		Args: args, Environ: []string{"PAGESESSION_DATA_DIR=" + p.dir},
		Stdin: stdin, Stdout: &stdout, Stderr: &stderr, Prompt: new(script), Operate: app.Operate,
	}
	r.code = program.Main(ctx)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}
