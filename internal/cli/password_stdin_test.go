package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"pagesession/internal/app"
	"pagesession/internal/cli"
)

// piped runs a command with text on its stdin, which is no terminal.
func (p *place) piped(stdin string, args ...string) (r result) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	program := cli.Program{
		Args: args, Environ: []string{"PAGESESSION_DATA_DIR=" + p.dir},
		Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Prompt: new(script), Operate: app.Operate,
	}
	r.code = program.Main(p.t.Context())
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

func TestPasswordStdin(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		for _, tc := range []struct {
			stdin, args    string
			code           int
			stdout, stderr string
		}{
			{password + "\n", "createsuperuser", 2, "", "--noinput needs --username or PAGESESSION_SUPERUSER_USERNAME; see \"pagesession createsuperuser --help\""},
			{"\n", "createsuperuser --username ada", 2, "", "--password-stdin found no password on stdin; see \"pagesession createsuperuser --help\""},
			{password + "\n" + password, "createsuperuser --username ada", 2, "", "--password-stdin takes one line, and stdin has more; see \"pagesession createsuperuser --help\""},
			{strings.Repeat("a", 70_000), "createsuperuser --username ada", 2, "", "--password-stdin takes one line, and stdin has more; see \"pagesession createsuperuser --help\""},
			{"12345678\n", "createsuperuser --username ada", 1, "", "password: This password is too common. This password is entirely numeric."},
			{password + "\r\n", "createsuperuser --username ada", 0, "Superuser ada created.\n", ""},
			{password, "createsuperuser --username ada", 1, "", "username: A user with that username already exists."},
			{"another fine one", "changepassword ada", 0, "Password of ada changed.\n", ""},
			{"another fine one", "changepassword bob", 1, "", `user "bob" not found; "pagesession users list" shows all`},
		} {
			r := p.piped(tc.stdin, append(strings.Fields(tc.args), "--password-stdin")...)
			want := tc.stderr
			if want != "" {
				want = "pagesession: " + want + "\n"
			}
			p.wants(r, tc.args, tc.code, tc.stdout, want)
		}
	})
}
