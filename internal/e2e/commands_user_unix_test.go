//go:build unix

package e2e

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// daemon is the user that serves, stranger is another one. Both own nothing else.
const (
	daemon   = 65534
	stranger = 65533
)

// as makes a command run as a user, from a place where they can read the program.
func as(t *testing.T, uid uint32, public string, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	cmd.Path = public
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	return cmd
}

// publish copies the program to a place where all users can read it, beside a data
// folder of daemon.
func publish(t *testing.T) (folder, path string) {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "pagesession-users-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	path = filepath.Join(folder, "pagesession")
	in, err := os.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(folder, "data")
	for _, err := range []error{os.Chmod(folder, 0o755), os.Mkdir(dir, 0o700), os.Chown(dir, daemon, daemon)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder, path
}

// The user that serves and root may send commands; other users are refused. Without a
// server root is refused as well: it would leave files that the server cannot open.
func TestCommands_OtherUsers(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can be several users")
	}
	folder, path := publish(t)
	dir := filepath.Join(folder, "data")
	s := launch(t, dir, as(t, daemon, path, command("--addr", "127.0.0.1:0", "--data-dir", dir)))
	if r := newOperator(dir, "ada"); r.code != 0 {
		t.Errorf("createsuperuser as root = %+v", r)
	}
	out, err := as(t, daemon, path, command("users", "list", "--data-dir", dir)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ada") {
		t.Errorf("users list as the user that serves = %q, %v", out, err)
	}
	// The socket's own mode protects it where others can enter the folder.
	for _, mode := range []os.FileMode{0o700, 0o755} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		out, err := as(t, stranger, path, command("users", "list", "--data-dir", dir)).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "permission denied; run this command as the server's user or as root") {
			t.Errorf("users list as a stranger, folder %o = %q, %v; want permission denied", mode, out, err)
		}
	}
	settings := filepath.Join(folder, "settings.env")
	if err := os.WriteFile(settings, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = as(t, stranger, path, command("config", "check", "--config", settings)).CombinedOutput()
	if want := `pagesession: --config="` + settings + "\" cannot be read: permission denied\n"; err == nil || string(out) != want {
		t.Errorf("config check of another user's file = %q, %v; want %q", out, err, want)
	}
	s.stop()
	before := s.owners(t)
	if r := runCommand(dir, nil, "users", "list"); r.code != 1 || !strings.Contains(r.stderr, "belongs to user 65534") {
		t.Errorf("users list as root without a server = %+v; want it refused", r)
	}
	if after := s.owners(t); after != before {
		t.Errorf("the files belong to %s; want %s", after, before)
	}
}

// owners lists the files of the data folder with their owners.
func (s *server) owners(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("stat", "-c", "%n %u %Y", s.dir, filepath.Join(s.dir, "accounts.sqlite"), filepath.Join(s.dir, "sessions.db")).CombinedOutput()
	if err != nil {
		t.Fatalf("stat: %v, %s", err, out)
	}
	return string(out)
}
