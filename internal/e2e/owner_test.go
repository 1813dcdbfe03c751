package e2e

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// A second process on the data folder stops, names the first one, and leaves the files
// as they are, on the same address and on another.
func TestOwner_SecondProcess(t *testing.T) {
	t.Parallel()
	first := start(t, "--idle-timeout", "60s")
	id := first.set()
	time.Sleep(500 * time.Millisecond) // waits for the first one's flush
	before, sum, files := first.look(id), first.fileSum(), first.files()
	for what, addr := range map[string]string{"same address": first.addr, "other address": "127.0.0.1:0"} {
		t.Run(what, func(t *testing.T) {
			cmd := command("--addr", addr, "--data-dir", first.dir)
			var out testkit.Log
			cmd.Stdout, cmd.Stderr = &out, &out
			code := bounded(t, cmd)
			says := fmt.Sprintf("session file %q is used by process %d; stop it or choose another --data-dir\n", filepath.Join(first.dir, "sessions.db"), first.cmd.Process.Pid)
			if code != 1 || !strings.HasSuffix(out.String(), says) {
				t.Errorf("exit code %d, %q; want 1, %q", code, &out, says)
			}
			oneLine(t, what, out.String())
		})
	}
	sameSession(t, "a second process", before, first.look(id))
	if first.fileSum() != sum || first.files() != files {
		t.Errorf("a second process wrote: %s; want %s as they were", first.files(), files)
	}
	first.get("/get/", cookie(id)).page(t, http.StatusOK, getTitle)
	first.kill()
	startIn(t, first.dir).state(id, "live", "")
}

// fileSum returns a checksum of the session file.
func (s *server) fileSum() [32]byte {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "sessions.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	return sha256.Sum256(b)
}

// files lists the data folder.
func (s *server) files() string {
	s.t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprint(entries)
}

// A process that waits for the file is alive and not yet ready. It is so as well while
// it reads a large file.
func TestOwner_ReadyWhenTheFirstStops(t *testing.T) {
	t.Parallel()
	first := start(t, "--idle-timeout", "60s")
	id := first.set()
	port := freePort(t)
	second := &server{t: t, dir: first.dir, out: new(testkit.Log), ended: make(chan struct{}), client: newClient(t)}
	second.at("http", "127.0.0.1:"+strconv.Itoa(port))
	second.cmd = command("--addr", second.addr, "--data-dir", first.dir, "--idle-timeout", "60s", "--log-format", "text")
	second.cmd.Stdout, second.cmd.Stderr = second.out, second.out
	if err := second.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = second.cmd.Wait(); close(second.ended) }()
	t.Cleanup(second.stop)

	var starting *reply
	second.await("answer while starting", func() bool {
		r, err := second.client.Try("GET", "/readyz")
		starting = &reply{r}
		return err == nil
	})
	if starting.StatusCode != http.StatusServiceUnavailable || starting.Header.Get("Retry-After") == "" {
		t.Errorf("GET /readyz while starting = %d, Retry-After %q; want 503 and some", starting.StatusCode, starting.Header.Get("Retry-After"))
	}
	t.Run("headers", func(t *testing.T) { starting.guarded(t, "GET /readyz while starting") })
	if r := second.get("/livez"); r.StatusCode != http.StatusOK {
		t.Errorf("GET /livez while starting = %d; want 200", r.StatusCode)
	}
	r := second.get("/set/")
	if r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("GET /set/ while starting = %d; want 503", r.StatusCode)
	}
	r.silent(t, "GET /set/ while starting")

	first.stop()
	second.await("GET /readyz = 200", func() bool { return second.get("/readyz").StatusCode == http.StatusOK })
	second.state(id, "live", "")
}

func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().(*net.TCPAddr).Port
}

// A request that begins before the signal and ends after it gets an answer that closes
// the connection.
func TestOwner_NotReadyWhileDraining(t *testing.T) {
	t.Parallel()
	s := start(t)
	c := s.dial(t)
	_, _ = io.WriteString(c, "GET /readyz HTTP/1.1\r\nHost: ")
	time.Sleep(200 * time.Millisecond)
	_ = s.cmd.Process.Signal(os.Interrupt)
	signalled := time.Now()
	time.Sleep(200 * time.Millisecond)
	if r := c.Ask("localhost\r\n\r\n"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("GET /readyz while draining = %d; want 503", r.StatusCode)
	}
	s.waitExit(signalled)
}
