package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// A unit starts servers on a socket that it has opened, as systemd does with a .socket unit.
type unit struct {
	t    *testing.T
	addr string
	ln   *net.TCPListener
	dir  string
}

func newUnit(t *testing.T) *unit {
	t.Helper()
	var plain net.ListenConfig
	plain.SetMultipathTCP(false) // as systemd does
	ln, err := plain.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	return &unit{t, ln.Addr().String(), ln.(*net.TCPListener), filepath.Join(t.TempDir(), "data")}
}

// command returns a server that gets the socket under a name.
func (u *unit) command(name string, args ...string) *exec.Cmd {
	u.t.Helper()
	f, err := u.ln.File()
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { _ = f.Close() })
	cmd := command(append([]string{"--data-dir", u.dir}, args...)...)
	cmd.Args = append([]string{"sh", "-c", `export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES="$0"; exec "$@"`, name}, cmd.Args...)
	if cmd.Path, err = exec.LookPath("sh"); err != nil {
		u.t.Fatal(err)
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	return cmd
}

// start returns once the server serves.
func (u *unit) start(args ...string) *server {
	u.t.Helper()
	return launch(u.t, u.dir, u.command("http", append([]string{"--addr", u.addr}, args...)...))
}

// A keeper is a client that keeps its connection until an answer says that it closes. It
// repeats nothing: what is refused, cut off or answered otherwise than with 200 is wrong.
type keeper struct {
	addr, id, name string
	pause          time.Duration // between two requests
	conn           net.Conn
	answers        *bufio.Reader
	answered       int
}

// walk changes the name and looks at it, until done is true.
func (k *keeper) walk(done *atomic.Bool) error {
	for n := 0; !done.Load() || n < 2; n++ {
		form := fmt.Sprintf("name=%s-%d-", k.name, n)
		set, err := k.ask("POST /set/", fmt.Sprintf("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(form), form))
		if err != nil {
			return err
		}
		if cookie, ok := strings.CutPrefix(set, "sessionid="); ok {
			k.id, _, _ = strings.Cut(cookie, ";")
		}
		if _, err := k.ask("GET /get/", "\r\n", form[len("name="):]); err != nil {
			return err
		}
	}
	return nil
}

// ask sends a request and returns the cookie of its answer, which has to have these parts.
func (k *keeper) ask(line, rest string, parts ...string) (cookie string, err error) {
	time.Sleep(k.pause)
	if k.conn == nil {
		if k.conn, err = net.DialTimeout("tcp", k.addr, testkit.Patience); err != nil {
			return "", err
		}
		k.answers = bufio.NewReader(k.conn)
	}
	_ = k.conn.SetDeadline(time.Now().Add(testkit.Patience)) // an error shows below
	if _, err = fmt.Fprintf(k.conn, "%s HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=%s\r\n%s", line, k.id, rest); err != nil {
		return "", fmt.Errorf("%s after %d answers: %w", line, k.answered, err)
	}
	answer, err := http.ReadResponse(k.answers, nil)
	if err != nil {
		return "", fmt.Errorf("%s after %d answers: %w", line, k.answered, err)
	}
	page, err := io.ReadAll(answer.Body)
	for _, part := range append(parts, "</html>") {
		if err != nil || answer.StatusCode != http.StatusOK || !bytes.Contains(page, []byte(part)) {
			return "", fmt.Errorf("%s after %d answers: %v, %s without %q: %.300q", line, k.answered, err, answer.Status, part, page)
		}
	}
	k.answered++
	if answer.Close {
		_ = k.conn.Close()
		k.conn = nil
	}
	return answer.Header.Get("Set-Cookie"), nil
}

// restarts returns how often TestRestart_OnOneSocket restarts the server: the race detector
// makes each start take seconds.
func restarts() int {
	if raceDetector {
		return 5
	}
	return 20
}

// A server that is restarted on a socket that stays open refuses no client and fails no request,
// and no session is lost: not under wrk, and not for clients that count.
func TestRestart_OnOneSocket(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	args := []string{"--idle-timeout", "200s"}
	s := u.start(args...)
	stopWrk := wrk(t, s.url+"/get/", s.set(named("Pema")))
	var done atomic.Bool
	var load sync.WaitGroup
	keepers := make([]keeper, 6)
	for i := range keepers {
		k := &keepers[i]
		k.addr, k.name, k.pause = u.addr, fmt.Sprintf("k%d", i), time.Duration(i)*20*time.Millisecond
		load.Go(func() {
			if err := k.walk(&done); err != nil {
				t.Error(err)
			}
		})
	}
	streams := &streamer{site: &server{url: s.url, client: newClient(t)}, id: s.set(named("Karma"))}
	streams.site.client.Carrier = new(http.Transport)
	ctx, leave := context.WithCancel(t.Context())
	load.Go(func() { streams.watch(ctx) })
	begin := time.Now()
	for range restarts() {
		s.signal(syscall.SIGTERM)
		s = u.start(args...)
	}
	took := time.Since(begin)
	done.Store(true)
	s.await("a stream", func() bool { return strings.Contains(s.get("/readyz?verbose").Text, "streams: 1 of") })
	leave()
	load.Wait()
	if streams.wrong != "" || streams.ended < 1 {
		t.Errorf("a stream ended %d times, %q; want it to end with a server, and to be open again", streams.ended, streams.wrong)
	}
	said := stopWrk()
	answered := 0
	for _, k := range keepers {
		answered += k.answered
		if l := s.look(k.id); l.State != "live" || !strings.HasPrefix(l.Name, k.name+"-") {
			t.Errorf("the session of %s is %s, %q; want it live with its name", k.name, l.State, l.Name)
		}
		if k.conn != nil {
			_ = k.conn.Close()
		}
	}
	t.Logf("%d restarts in %v; %d requests of clients that count; a stream ended %d times; wrk: %s", restarts(), took.Round(time.Millisecond), answered, streams.ended, said)
}

// wrk keeps 16 connections under load until the test ends. The function that it returns stops
// it, and returns what it says. An error of wrk's fails the test.
func wrk(t *testing.T, url, id string) (stop func() string) {
	t.Helper()
	path, err := exec.LookPath("wrk")
	if err != nil {
		t.Log("without wrk, which is missing")
		return func() string { return "none" }
	}
	out := new(testkit.Log)
	cmd := exec.Command(path, "-t1", "-c16", "-d300s", "--timeout", "30s", "-H", "Cookie: sessionid="+id, url)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceValue(func() string {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
		return out.String()
	})
	t.Cleanup(func() { _ = end() })
	return func() string {
		said := end()
		requests := regexp.MustCompile(`\d+ requests in .*`).FindString(said)
		if requests == "" || strings.HasPrefix(requests, "0 ") || strings.Contains(said, "Socket errors") || strings.Contains(said, "Non-2xx") {
			t.Errorf("wrk says %s; want requests, and no errors", said)
		}
		return requests
	}
}
