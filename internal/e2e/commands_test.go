package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// A said has the output of a command and its exit code.
type said struct {
	code           int
	stdout, stderr string
}

// runCommand runs a command on a data folder. environ is added to its environment.
func runCommand(dir string, environ []string, args ...string) said {
	cmd := command(append(args, "--data-dir", dir)...)
	cmd.Env = append(cmd.Env, environ...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		return said{code: -1, stderr: err.Error()}
	}
	timer := time.AfterFunc(testkit.Patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	return said{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// newOperator creates a superuser with the command.
func newOperator(dir, name string) said {
	return runCommand(dir, []string{"PAGESESSION_SUPERUSER_PASSWORD=" + consolePassword}, "createsuperuser", "--noinput", "--username", name)
}

// operators returns the usernames that a command lists.
func operators(t *testing.T, dir string) map[string]bool {
	t.Helper()
	r := runCommand(dir, nil, "users", "list", "--json")
	var list struct{ Users []struct{ Username string } }
	if err := json.Unmarshal([]byte(r.stdout), &list); err != nil || r.code != 0 {
		t.Fatalf("users list --json = %+v, %v", r, err)
	}
	names := make(map[string]bool)
	for _, u := range list.Users {
		names[u.Username] = true
	}
	return names
}

// A running server accepts commands of its owner only. A second server leaves that as
// it is.
func TestCommands_Socket(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := filepath.Join(s.dir, "control.sock")
	before, err := os.Lstat(path)
	if err != nil || before.Mode() != fs.ModeSocket|0o600 {
		t.Fatalf("control.sock is %v, %v; want a socket with 0600", before, err)
	}
	if code := bounded(t, command("--addr", "127.0.0.1:0", "--data-dir", s.dir)); code != 1 {
		t.Errorf("a second server exits with %d; want 1", code)
	}
	if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
		t.Errorf("a second server left %v, %v; want the first's socket", after, err)
	}
	if r := runCommand(s.dir, nil, "users", "list"); r != (said{0, "No operators.\n", ""}) {
		t.Errorf("users list = %+v", r)
	}
	s.stop()
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is there after the stop")
	}
	if r := runCommand(s.dir, nil, "users", "list"); r != (said{0, "No operators.\n", ""}) {
		t.Errorf("users list after the stop = %+v", r)
	}
}

// The path of a data folder may be long.
func TestCommands_LongPath(t *testing.T) {
	t.Parallel()
	s := startIn(t, filepath.Join(t.TempDir(), strings.Repeat("a-long-way-down/", 15)))
	if strings.Contains(s.out.String(), "commands cannot reach") {
		t.Fatalf("no socket:\n%s", s.out)
	}
	if r := newOperator(s.dir, "ada"); r != (said{0, "Superuser ada created.\n", ""}) {
		t.Errorf("createsuperuser = %+v", r)
	}
}

// A server without a control socket serves visitors. Commands then name the process
// that uses the files.
func TestCommands_NoSocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(filepath.Join(dir, "control.sock"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := startIn(t, dir)
	if !strings.Contains(s.out.String(), `level=WARN msg="control socket could not be opened; commands cannot reach this server"`) {
		t.Errorf("no warning:\n%s", s.out)
	}
	r := runCommand(dir, nil, "sessions", "list")
	says := fmt.Sprintf("sessions.db\" is used by process %d, which does not answer on %q; try again, or stop that process\n",
		s.cmd.Process.Pid, filepath.Join(dir, "control.sock"))
	if r.code != 1 || !strings.HasSuffix(r.stderr, says) {
		t.Errorf("sessions list = %+v; want 1, %q", r, says)
	}
}

// A user whom a command disables is signed out at once. A visitor whose session a
// command ends sees why.
func TestCommands_CountAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	ada := s.operator()
	s.get("/admin/", testkit.Header("Cookie", "adminid="+ada)).page(t, http.StatusOK, "Dashboard")
	if r := newOperator(s.dir, "bob"); r.code != 0 {
		t.Fatalf("createsuperuser = %+v", r)
	}
	if r := runCommand(s.dir, nil, "users", "disable", "ada"); r != (said{0, "ada is disabled.\n", ""}) {
		t.Errorf("users disable = %+v", r)
	}
	if r := s.get("/admin/", testkit.Header("Cookie", "adminid="+ada)); r.StatusCode == http.StatusOK {
		t.Error("GET /admin/ of somebody who is disabled = 200; want the login")
	}
	id := s.set()
	s.state(id, "live", "")
	if r := runCommand(s.dir, nil, "sessions", "end-all", "--yes"); r != (said{0, "1 session ended.\n", ""}) {
		t.Errorf("sessions end-all = %+v", r)
	}
	s.state(id, "ended", "revoked")
}

// While servers start and stop, each command takes effect once, through the socket or
// the files.
func TestCommands_ServerComesAndGoes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	done := make(chan []string)
	stop := make(chan struct{})
	go func() {
		var names []string
		for i := 0; ; i++ {
			select {
			case <-stop:
				done <- names
				return
			default:
			}
			name := fmt.Sprintf("operator%d", i)
			if r := newOperator(dir, name); r.code != 0 || r.stderr != "" {
				t.Errorf("createsuperuser %s = %+v", name, r)
			}
			names = append(names, name)
		}
	}()
	for range 6 {
		startIn(t, dir).stop()
	}
	close(stop)
	names, have := <-done, operators(t, dir)
	if len(names) < 3 || len(have) != len(names) {
		t.Errorf("%d commands made %d operators", len(names), len(have))
	}
}

// A server is killed while commands run. Changes that were answered are there, others
// may be, and the next command works.
func TestCommands_ServerIsKilled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	var mu sync.Mutex // protects the next two
	made, unsure := map[string]bool{}, map[string]bool{}
	for cycle := range 4 {
		s := startIn(t, dir)
		var all sync.WaitGroup
		first := make(chan struct{}, 4)
		for i := range 4 {
			all.Go(func() {
				for j := range 3 {
					name := fmt.Sprintf("operator%d.%d.%d", cycle, i, j)
					r := newOperator(dir, name)
					mu.Lock()
					switch {
					case r.code == 0:
						made[name] = true
					case r.code == 1 && strings.Contains(r.stderr, "the server stopped before it answered; check whether the operation was done"):
						unsure[name] = true
					default:
						t.Errorf("createsuperuser %s = %+v", name, r)
					}
					mu.Unlock()
					if j == 0 {
						first <- struct{}{}
					}
				}
			})
		}
		<-first
		s.kill()
		all.Wait()
	}
	have := operators(t, dir)
	for name := range made {
		if !have[name] {
			t.Errorf("%s was created and is not there", name)
		}
	}
	for name := range have {
		if !made[name] && !unsure[name] {
			t.Errorf("%s is there and nobody created it", name)
		}
	}
	t.Logf("%d created, %d unsure", len(made), len(unsure))
}
