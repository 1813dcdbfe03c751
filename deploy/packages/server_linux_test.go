package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A server is the installed program, run as its unit says.
type server struct {
	cmd    *exec.Cmd
	log    *bytes.Buffer
	url    string
	client *http.Client
}

// asService returns a command as the unit runs it: its user, its data folder and the variables
// of the settings file, which systemd reads as root.
func (r root) asService(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	unit := r.read(t, "/usr/lib/systemd/system/pagesession.service")
	for _, line := range []string{"ExecStart=/usr/bin/pagesession", "User=pagesession", "Environment=PAGESESSION_DATA_DIR=%S/pagesession", "EnvironmentFile=-/etc/pagesession.env"} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Fatalf("the unit has no line %q, which this test does by hand:\n%s", line, unit)
		}
	}
	uid, gid, _ := r.user(t)
	cmd := r.command(t.Context(), "/usr/bin/pagesession", args...)
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	cmd.Env = append(cmd.Env, "PAGESESSION_DATA_DIR=/var/lib/pagesession")
	for line := range strings.Lines(r.read(t, "/etc/pagesession.env")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			cmd.Env = append(cmd.Env, line)
		}
	}
	return cmd
}

// start starts the server and waits until it says that it is ready, as systemd does.
func (r root) start(t *testing.T, port int, client *http.Client) *server {
	t.Helper()
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: fmt.Sprintf("@pagesession-packages-%d-%d", os.Getpid(), port), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	s := &server{cmd: r.asService(t), log: &bytes.Buffer{}, url: fmt.Sprintf("http://127.0.0.1:%d", port), client: client}
	s.cmd.Env = append(s.cmd.Env, "NOTIFY_SOCKET="+socket.LocalAddr().String())
	s.cmd.Stderr = s.log
	s.cmd.WaitDelay = 10 * time.Second
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := socket.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for b := make([]byte, 4096); ; {
		n, err := socket.Read(b)
		if err != nil {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
			t.Fatalf("the server is not ready: %v\n%s", err, s.log)
		}
		if strings.Contains(string(b[:n]), "READY=1") {
			return s
		}
	}
}

// stop stops the server as systemd does.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("the server stopped with %v\n%s", err, s.log)
	}
}

// get returns a page.
func (s *server) get(t *testing.T, path string) string {
	t.Helper()
	answer, err := s.client.Get(s.url + path)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v\n%s", path, answer.Status, err, body)
	}
	return string(body)
}

// newVisitor returns a client with cookies.
func newVisitor(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// freePort returns a port on which no program listens.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// configure changes the settings file as an operator does, and returns its new content.
func (r root) configure(t *testing.T, port int) string {
	t.Helper()
	file, err := os.OpenFile(r.path("/etc/pagesession.env"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintf(file, "PAGESESSION_ADDR=127.0.0.1:%d\nPAGESESSION_IDLE_TIMEOUT=1h\n", port); err != nil {
		t.Fatal(err)
	}
	return r.read(t, "/etc/pagesession.env")
}

// fill starts the server, and makes an operator and a session.
func (r root) fill(t *testing.T, port int, visitor *http.Client) {
	t.Helper()
	create := r.asService(t, "createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.com")
	create.Env = append(create.Env, "PAGESESSION_SUPERUSER_PASSWORD=correct horse 7 battery")
	if out, err := create.CombinedOutput(); err != nil {
		t.Fatalf("createsuperuser: %v\n%s", err, out)
	}
	s := r.start(t, port, visitor)
	s.get(t, "/set/?name=Grace")
	s.stop(t)
}

// wantData fails the test unless operator and session of fill are there.
func (r root) wantData(t *testing.T, port int, visitor *http.Client) {
	t.Helper()
	s := r.start(t, port, visitor)
	if page := s.get(t, "/get/"); !strings.Contains(page, "Grace") {
		t.Errorf("the session is gone:\n%s", page)
	}
	out, err := r.asService(t, "users", "list").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ada@example.com") {
		t.Errorf("users list: %v\n%s", err, out)
	}
	s.stop(t)
}
