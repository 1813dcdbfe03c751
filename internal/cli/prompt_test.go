package cli_test

import (
	"context"
	"io"
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/cli"
)

// A script answers prompts. At its end it returns ErrNoTerminal.
type script struct {
	answers []string
	out     io.Writer
	shown   string // secrets
	noShow  bool   // stderr is not a terminal
}

func (s *script) Line(_ context.Context, question string) (string, error) {
	if len(s.answers) == 0 {
		return "", cli.ErrNoTerminal
	}
	answer := s.answers[0]
	s.answers = s.answers[1:]
	_, _ = io.WriteString(s.out, question+"\n")
	switch answer {
	case "^C":
		return "", cli.ErrCancelled
	case appCode:
		return s.appCode()
	}
	return answer, nil
}

func (s *script) Secret(ctx context.Context, question string) (string, error) {
	return s.Line(ctx, question)
}

func (s *script) Show(secret string) error {
	if s.noShow {
		return cli.ErrNoScreen
	}
	s.shown += secret
	return nil
}

func answers(a ...string) *script { return &script{answers: a} }

// Prompts ask again only for the invalid fields.
func TestCreateSuperuser_Asks(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		r := p.answering(answers("a b", "no address", "one", "two", " ", " ", "123", "123", // all of it is wrong
			"ada", "ada@example.com", password, password), "createsuperuser")
		questions := regexp.MustCompile(`'.*'`).ReplaceAllString(r.stderr, "''")
		want := "Username (leave blank to use ''): \nEmail address: \nPassword: \nPassword (again): \nThe passwords differ; type them again.\n" +
			"Password: \nPassword (again): \nThe password is blank; type another one.\nPassword: \nPassword (again): \n" +
			"Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.\nEnter a valid email address.\n" +
			"This password is too short. It must contain at least 8 characters.\nThis password is too common.\nThis password is entirely numeric.\n" +
			"Username (leave blank to use ''): \nEmail address: \nPassword: \nPassword (again): \n"
		if r.code != 0 || r.stdout != "Superuser ada created.\n" || questions != want {
			p.t.Errorf("createsuperuser = %d, %q\nstderr %q\nwant   %q", r.code, r.stdout, questions, want)
		}
		r = p.answering(answers("bob", password, password), "createsuperuser", "--username", "ada", "--email", "")
		want = "A user with that username already exists.\nUsername (leave blank to use ''): \nPassword: \nPassword (again): \n"
		if questions = regexp.MustCompile(`'.*'`).ReplaceAllString(r.stderr, "''"); r.code != 0 || r.stdout != "Superuser bob created.\n" || questions != want {
			p.t.Errorf("createsuperuser --username ada = %d, %q\nstderr %q\nwant   %q", r.code, r.stdout, questions, want)
		}
		r = p.answering(answers("carol", "", "^C"), "createsuperuser")
		if r.code != 1 || !strings.HasSuffix(r.stderr, "pagesession: cancelled; nothing was changed\n") {
			p.t.Errorf("createsuperuser, Ctrl-C = %d, %q; want 1, cancelled", r.code, r.stderr)
		}
		p.wants(p.do("users", "list", "--search", "carol"), "users list", 0, "No operators.\n", "")
	})
}

func TestCreateSuperuser_NoInput(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		const name, email, secret = "PAGESESSION_SUPERUSER_USERNAME=", "PAGESESSION_SUPERUSER_EMAIL=", "PAGESESSION_SUPERUSER_PASSWORD="
		for _, tc := range []struct {
			environ []string
			args    []string
			code    int
			stderr  string
		}{
			{nil, nil, 2, "--noinput needs --username or PAGESESSION_SUPERUSER_USERNAME; see \"pagesession createsuperuser --help\""},
			{[]string{name + "ada"}, nil, 2, "--noinput needs PAGESESSION_SUPERUSER_PASSWORD or PAGESESSION_SUPERUSER_PASSWORD_FILE; see \"pagesession createsuperuser --help\""},
			{[]string{name + "ada", secret + "123"}, nil, 1, "password: This password is too short. It must contain at least 8 characters. " +
				"This password is too common. This password is entirely numeric."},
			{[]string{name + "a\x1b[31mb", secret + password}, nil, 1, "username: Control characters are not allowed."},
			{[]string{name + "ada", email + "x", secret + password}, nil, 1, "email: Enter a valid email address."},
			{[]string{name + "eve", secret + password}, []string{"--username", "ada"}, 0, ""},
			{[]string{name + "ada", secret + password}, nil, 1, "username: A user with that username already exists."},
		} {
			r := p.with(new(script), tc.environ, append([]string{"createsuperuser", "--noinput"}, tc.args...)...)
			stdout, stderr := "", "pagesession: "+tc.stderr+"\n"
			if tc.code == 0 {
				stdout, stderr = "Superuser ada created.\n", ""
			}
			p.wants(r, "createsuperuser --noinput", tc.code, stdout, stderr)
			if strings.Contains(r.stdout+r.stderr, password) {
				p.t.Errorf("the password is printed: %q, %q", r.stdout, r.stderr)
			}
		}
	})
}

func TestChangePassword(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		r := p.answering(answers("12345678", "12345678", "another fine one", "another fine one"), "changepassword", "ada")
		p.wants(r, "changepassword", 0, "Password of ada changed.\n", "Changing password for user 'ada'\nPassword: \nPassword (again): \n"+
			"This password is too common.\nThis password is entirely numeric.\nPassword: \nPassword (again): \n")
	})
}

func TestEndAll_AsksForTheWords(t *testing.T) {
	bothPlaces(t, 2, func(p *place) {
		const question = "This ends 2 live sessions at once. Type \"end all\" to confirm: \n"
		for _, wrong := range []string{"", "yes", "end  all", "END ALL"} {
			p.wants(p.answering(answers(wrong), "sessions", "end-all"), "end-all, "+wrong, 1, "", question+"pagesession: cancelled; nothing was changed\n")
		}
		p.wants(p.answering(answers("end all"), "sessions", "end-all"), "end-all", 0, "2 sessions ended.\n", question)
	})
}
