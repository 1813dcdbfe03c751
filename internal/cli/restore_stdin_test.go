package cli_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"pagesession/internal/app"
	"pagesession/internal/cli"
)

// A backup on stdin is restored as one in a file, and leaves no copy. One that is cut is refused.
func TestRestore_Stdin(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		made := p.do("backup", "-").stdout
		p.add("eve")
		if r := p.reading(strings.NewReader(made[:len(made)-1024]), "restore", "-"); r.code != 1 || strings.Count(r.stderr, "\n") != 1 {
			p.t.Errorf("restore - of a backup that is cut = %+v; want 1 and one line", r)
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

// reading runs a command with this stdin.
func (p *place) reading(stdin io.Reader, args ...string) (r result) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	program := cli.Program{
		Args: args, Environ: []string{"PAGESESSION_DATA_DIR=" + p.dir},
		Stdin: stdin, Stdout: &stdout, Stderr: &stderr, Prompt: new(script), Operate: app.Operate,
	}
	r.code = program.Main(p.t.Context())
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}
