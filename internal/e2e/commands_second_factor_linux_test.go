package e2e

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// On a terminal the command shows a QR code and the recovery codes, and takes the app's code.
// Into a file it writes none of them.
func TestCommands_TerminalSecondFactor(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.operator()
	add := []string{"users", "second-factor", "add", "ada"}
	none := said{2, "", "pagesession: stderr is not a terminal, and secrets are shown only on one; run this command without a redirection\n"}
	if r := runCommand(s.dir, nil, add...); r != none {
		t.Errorf("second-factor add without a terminal = %+v; want %+v", r, none)
	}
	screen, ended := onTerminal(t, append(add, "--data-dir", s.dir)...)
	screen.await("Code that the app shows: ")
	secret := regexp.MustCompile(`into the app: ([A-Z2-7 ]+)\r\n`).FindStringSubmatch(screen.text)
	if secret == nil || !strings.Contains(screen.text, "▀") || !strings.Contains(screen.text, "otpauth://totp/pagesession:ada?") {
		t.Fatalf("the terminal shows %q; want a QR code, the secret and the address", screen.text)
	}
	code, err := totp.GenerateCode(strings.ReplaceAll(secret[1], " ", ""), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	screen.answer("", code+"\n", false)
	screen.await("ada signs in with an authenticator app from now on.\r\n")
	codes := regexp.MustCompile(`(?m)^  [A-Z2-7]{6}(-[A-Z2-7]{6}){3}\r$`).FindAllString(screen.text, -1)
	if exit := <-ended; exit != 0 || len(codes) != 10 {
		t.Errorf("second-factor add = %d with %d recovery codes; want 0, and ten", exit, len(codes))
	}
	s.stop()
	s = startIn(t, filepath.Clean(s.dir))
	if r := runCommand(s.dir, nil, "users", "second-factor", "reset", "ada"); r.code != 0 {
		t.Errorf("second-factor reset after a restart = %+v", r)
	}
}
