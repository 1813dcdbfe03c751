package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"pagesession/internal/cli"
)

// appCode stands for the code of an app that has read what was shown.
const appCode = "the code of the app"

var (
	shownSecret = regexp.MustCompile(`into the app: ([A-Z2-7 ]+)\n`)
	shownCode   = regexp.MustCompile(`(?m)^  ([A-Z2-7]{6}(-[A-Z2-7]{6}){3})$`)
)

func (s *script) appCode() (string, error) {
	secret := shownSecret.FindStringSubmatch(s.shown)
	if secret == nil {
		return "", errors.New("no secret was shown")
	}
	return totp.GenerateCode(strings.ReplaceAll(secret[1], " ", ""), time.Now())
}

// secrets are the things in a text that only the operator's screen may have.
func secrets(text string) []string {
	return regexp.MustCompile(`otpauth:|[A-Z2-7]{6}-[A-Z2-7]{6}|[A-Z2-7]{20}|█|▀`).FindAllString(text, -1)
}

func TestSecondFactor_Add(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		for i, name := range []string{"pagesession", "host.example"} {
			prompt := answers("000", appCode)
			args := []string{"users", "second-factor", "add", "ada"}
			if i > 0 {
				args = append(args, "--issuer", name)
			}
			r := p.answering(prompt, args...)
			p.wants(r, "second-factor add", 0, "ada signs in with an authenticator app from now on.\n", "Code that the app shows: \n"+
				"This code is wrong. Enter the newest one. If that is wrong, too, check the clocks of the device and of the server.\nCode that the app shows: \n")
			if codes := shownCode.FindAllString(prompt.shown, -1); len(codes) != 10*(1-i) || !strings.Contains(prompt.shown, "otpauth://totp/"+name+":ada?") || !strings.Contains(prompt.shown, "▀") {
				p.t.Errorf("%d recovery codes, and %q; want ten with the first app, and its QR code and address", len(codes), prompt.shown)
			}
			if found := secrets(r.stdout + r.stderr); found != nil {
				p.t.Errorf("stdout or stderr has %d secrets", len(found))
			}
		}
		if r := p.do("users", "list"); !strings.Contains(fixed(r.stdout), "yes  yes  yes  yes  never") {
			p.t.Errorf("users list = %q; want a second factor", r.stdout)
		}
		if r := p.do("users", "list", "--json"); !strings.Contains(r.stdout, `"second_factor": true`) {
			p.t.Errorf("users list --json = %q", r.stdout)
		}
		p.wants(p.answering(answers("^C"), "users", "second-factor", "add", "ada"), "Ctrl-C", 1, "", "Code that the app shows: \npagesession: cancelled; nothing was changed\n")
	})
}

// The server's name in the app is short. With the longest names there is no QR code, and the rest
// works.
func TestSecondFactor_Issuer(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		for _, name := range []string{"", " \t", strings.Repeat("x", 61), "a\xff"} {
			p.wants(p.answering(answers(appCode), "users", "second-factor", "add", "ada", "--issuer", name), "add", 2, "", "pagesession: --issuer takes a name of 1 to 60 characters; see \"pagesession users second-factor add --help\"\n")
		}
		long := strings.Repeat("𐌰", 150)
		environ := []string{"PAGESESSION_SUPERUSER_USERNAME=" + long, "PAGESESSION_SUPERUSER_EMAIL=", "PAGESESSION_SUPERUSER_PASSWORD=" + password}
		if r := p.with(new(script), environ, "createsuperuser", "--noinput"); r.code != 0 {
			p.t.Fatalf("createsuperuser = %+v", r)
		}
		for issuer, says := range map[string]string{"pagesession": "▀", strings.Repeat("𐌰", 60): "The names are too long for a QR code."} {
			prompt := answers(appCode)
			if r := p.answering(prompt, "users", "second-factor", "add", long, "--issuer", issuer); r.code != 0 || !strings.Contains(prompt.shown, says) {
				p.t.Errorf("the longest name at %s = %d, %q; want %q on the screen", issuer, r.code, r.stderr, says)
			}
		}
	})
}

func TestSecondFactor_RecoveryCodesAndReset(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		first, second := answers(appCode), answers()
		if r := p.answering(first, "users", "second-factor", "add", "ada"); r.code != 0 {
			p.t.Fatalf("add = %+v", r)
		}
		r := p.answering(second, "users", "second-factor", "recovery-codes", "ada", "--json")
		old, fresh := shownCode.FindAllString(first.shown, -1), shownCode.FindAllString(second.shown, -1)
		if r.code != 0 || len(fresh) != 10 || fresh[0] == old[0] || secrets(r.stdout+r.stderr) != nil || !strings.Contains(r.stdout, `"username": "ada"`) {
			p.t.Errorf("recovery-codes = %d, %d codes, %q; want ten others, and none in the JSON", r.code, len(fresh), r.stdout)
		}
		p.wants(p.do("users", "second-factor", "reset", "ada"), "reset", 0, "ada has no second factor any more, and signs in with the password alone.\n", "")
		if r := p.do("users", "list"); !strings.Contains(fixed(r.stdout), "yes  yes  yes  no  never") {
			p.t.Errorf("users list = %q; want no second factor", r.stdout)
		}
	})
}

// Without a screen nothing is shown, and nothing changes.
func TestSecondFactor_NoScreen(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		const says = "pagesession: stderr is not a terminal, and secrets are shown only on one; run this command without a redirection\n"
		none := &script{noShow: true}
		p.wants(p.answering(none, "users", "second-factor", "add", "ada"), "add", 2, "", says)
		p.wants(p.answering(none, "users", "second-factor", "recovery-codes", "ada"), "recovery-codes", 2, "", says)
		if r := p.do("users", "list", "--json"); !strings.Contains(r.stdout, `"second_factor": false`) {
			p.t.Errorf("users list --json = %q", r.stdout)
		}
	})
	if err := (cli.Terminal{In: os.Stdin, Out: new(bytes.Buffer)}).Show("secret"); !errors.Is(err, cli.ErrNoScreen) {
		t.Errorf("Show without a screen = %v; want %v", err, cli.ErrNoScreen)
	}
}

// Before the first start there is no key to seal a secret with. One that the command cannot
// trust is refused, and other commands do without it.
func TestSecondFactor_SecretKey(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	p.superuser()
	p.wants(p.do("users", "second-factor", "add", "ada"), "add", 1, "", "pagesession: there is no secret.key in the data folder, "+
		"which seals the secrets of authenticator apps; start the server once, which makes it\n")
	if err := os.WriteFile(filepath.Join(p.dir, "secret.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := p.do("users", "second-factor", "add", "ada"); r.code != 1 || !strings.Contains(r.stderr, "has 5 bytes instead of") {
		t.Errorf("add with a damaged key = %+v", r)
	}
	if r := p.do("users", "list"); r.code != 0 {
		t.Errorf("users list with a damaged key = %+v", r)
	}
}
