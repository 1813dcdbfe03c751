package docs

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/creack/pty"
	"github.com/pquerna/otp/totp"
	"golang.org/x/sys/unix"
)

// patience bounds a step, also on a busy machine.
const patience = 90 * time.Second

// answers are what the reader types where the output ends with a prompt.
var answers = []struct {
	prompt, answer string
	hidden         bool // the terminal does not show it
}{
	{"'): ", "ada", false},
	{"Email address: ", "", false},
	{"Password: ", password, true},
	{"Password (again): ", password, true},
	{"Type the name to confirm: ", "ada", false},
	{"Enter password for new role: ", "POSTGRES-PASSWORD", true},
	{"Enter it again: ", "POSTGRES-PASSWORD", true},
}

// appSecret matches what an authenticator app needs, as the command shows it.
var appSecret = regexp.MustCompile(`into the app: ([A-Z2-7 ]+)\r\n`)

// A screen is the terminal of a step.
type screen struct {
	file *os.File
	text string // all of the output
	seen int    // how much of it has been answered
}

// runStep runs a step in bash on a terminal, with the folder and the variables that the step
// before left. A server that says that it is ready is in the foreground: Ctrl-C stops it.
func runStep(s step, ready <-chan struct{}) (r result) {
	script := filepath.Join(own, "step")
	if err := os.WriteFile(script, []byte(withState(s)), 0o644); err != nil {
		return result{Code: -1, Wrong: err.Error()}
	}
	cmd := exec.Command("bash", script)
	cmd.Env = []string{
		"PATH=" + tooling + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "USER=root", "TERM=xterm", "LC_ALL=C.UTF-8",
		"GOROOT=/opt/go", "GOCACHE=/opt/builds", "GOMODCACHE=/opt/modules", "GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local",
	}
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 200})
	if err != nil {
		return result{Code: -1, Wrong: err.Error()}
	}
	defer file.Close()
	d := &screen{file: file}
	chunks, ended := read(file), make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	for timeout := time.After(patience); ; {
		select {
		case chunk := <-chunks:
			d.text += chunk
			d.answer()
		case <-ready:
			r.Served = true
			_, _ = file.WriteString("\x03")
		case <-ended:
			d.rest(chunks)
			r.Code, r.Output = cmd.ProcessState.ExitCode(), d.text
			return r
		case <-timeout:
			return result{Code: -1, Wrong: "it goes on after " + patience.String(), Output: d.text}
		}
	}
}

// withState returns the script of a step, between what keeps folder and variables.
func withState(s step) string {
	const begin, end = ". " + own + "/state\n", "\ncode=$?\n{ export -p; printf 'cd %q\\n' \"$PWD\"; } >" + own + "/state\nexit $code\n"
	if s.Line == 0 {
		return begin + s.Command + "\nset +e" + end
	}
	return begin + "export NOTIFY_SOCKET=" + own + "/notify\n" + s.Command + "\ncode=$?\nunset NOTIFY_SOCKET\n(exit $code)" + end
}

// read reads the terminal until its programs have ended.
func read(file *os.File) <-chan string {
	chunks := make(chan string, 1000)
	go func() {
		defer close(chunks)
		for b := make([]byte, 4096); ; {
			n, err := file.Read(b)
			if err != nil {
				return
			}
			chunks <- string(b[:n])
		}
	}()
	return chunks
}

// rest takes what is left. A program that a step left in the background may keep the terminal.
func (d *screen) rest(chunks <-chan string) {
	for timeout := time.After(200 * time.Millisecond); ; {
		select {
		case chunk, ok := <-chunks:
			if !ok {
				return
			}
			d.text += chunk
		case <-timeout:
			return
		}
	}
}

// answer types what a reader types at the prompt at the end.
func (d *screen) answer() {
	fresh := d.text[d.seen:]
	for _, a := range answers {
		if strings.HasSuffix(fresh, a.prompt) {
			for end := time.Now().Add(patience / 9); a.hidden && d.echoes() && time.Now().Before(end); time.Sleep(time.Millisecond) {
			}
			d.write(a.answer)
			return
		}
	}
	if secret := appSecret.FindStringSubmatch(fresh); secret != nil && strings.HasSuffix(fresh, "Code that the app shows: ") {
		code, _ := totp.GenerateCode(strings.ReplaceAll(secret[1], " ", ""), time.Now()) // a wrong secret is refused
		d.write(code)
	}
}

// echoes reports whether the terminal shows what is typed.
func (d *screen) echoes() bool {
	state, err := unix.IoctlGetTermios(int(d.file.Fd()), unix.TCGETS)
	return err == nil && state.Lflag&unix.ECHO != 0
}

func (d *screen) write(line string) {
	d.seen = len(d.text)
	_, _ = d.file.WriteString(line + "\n") // a program that has ended is seen by its end
}

// listenReady tells when a program says to its service manager that it is ready.
func listenReady(path string) (<-chan struct{}, error) {
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	ready := make(chan struct{})
	go func() {
		for b := make([]byte, 4096); ; {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			if strings.Contains("\n"+string(b[:n])+"\n", "\nREADY=1\n") {
				ready <- struct{}{}
			}
		}
	}()
	return ready, os.Chmod(path, 0o666)
}
