package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"pagesession/internal/testkit"
)

// A terminal is a real terminal in which a command runs.
type terminal struct {
	*testing.T
	*os.File
	said chan string // the output, as it comes
	text string      // all of it so far
}

// onTerminal runs a command on a terminal. ended gets its exit code.
func onTerminal(t *testing.T, args ...string) (screen *terminal, ended chan int) {
	t.Helper()
	cmd := command(args...)
	file, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	timer := time.AfterFunc(testkit.Patience, func() { _ = cmd.Process.Kill() })
	screen, ended = &terminal{T: t, File: file, said: make(chan string, 1000)}, make(chan int, 1)
	go func() {
		defer close(screen.said)
		for b := make([]byte, 1024); ; {
			n, err := file.Read(b)
			if err != nil {
				return
			}
			screen.said <- string(b[:n])
		}
	}()
	go func() { _ = cmd.Wait(); timer.Stop(); ended <- cmd.ProcessState.ExitCode() }()
	return screen, ended
}

// await waits until the text ends with want.
func (s *terminal) await(want string) {
	s.Helper()
	for !strings.HasSuffix(s.text, want) {
		more, ok := <-s.said
		if !ok {
			s.Fatalf("the terminal shows %q; want %q at its end", s.text, want)
		}
		s.text += more
	}
}

// echoes reports whether the terminal shows typed characters.
func (s *terminal) echoes() bool {
	s.Helper()
	state, err := unix.IoctlGetTermios(int(s.Fd()), unix.TCGETS)
	if err != nil {
		s.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// answer types a line as soon as the question is there. The terminal then has to show or hide
// typing as wanted.
func (s *terminal) answer(question, line string, hidden bool) {
	s.Helper()
	s.await(question)
	if s.echoes() == hidden {
		s.Errorf("after %q the terminal echoes: %v", question, !hidden)
	}
	if _, err := s.WriteString(line); err != nil {
		s.Fatal(err)
	}
}

// A terminal hides a password while it is typed.
func TestCommands_Terminal(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	screen, ended := onTerminal(t, "createsuperuser", "--data-dir", dir)
	screen.answer("'): ", "ada\n", false)
	screen.answer("Email address: ", "\n", false)
	screen.answer("Password: ", consolePassword+"\n", true)
	screen.answer("Password (again): ", consolePassword+"\n", true)
	screen.await("Superuser ada created.\r\n")
	if code := <-ended; code != 0 || strings.Contains(screen.text, consolePassword) {
		t.Errorf("createsuperuser = %d, %q; want 0, and no password", code, screen.text)
	}
	if !operators(t, dir)["ada"] {
		t.Error("ada is not there")
	}
}

// Ctrl-C at a hidden prompt ends the command, and the terminal shows typing again.
func TestCommands_TerminalCtrlC(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if r := newOperator(dir, "ada"); r.code != 0 {
		t.Fatalf("createsuperuser = %+v", r)
	}
	screen, ended := onTerminal(t, "changepassword", "ada", "--data-dir", dir)
	screen.answer("Password: ", "half of a pass\x03", true)
	screen.await("pagesession: cancelled; nothing was changed\r\n")
	if code := <-ended; code != 1 || !screen.echoes() || strings.Contains(screen.text, "half") {
		t.Errorf("changepassword, Ctrl-C = %d, %q, echo %v; want 1, and the echo back", code, screen.text, screen.echoes())
	}
}
