package e2e

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// Under load, a stopping server finishes every request in flight.
func TestStop_UnderLoad(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, "--idle-timeout", "60s")
			ledgers := make([]ledger, 8)
			readers := make([]reader, 8)
			var load sync.WaitGroup
			for i := range ledgers {
				load.Go(func() { ledgers[i].write(s) })
				load.Go(func() { readers[i].read(s, i%2 == 0) })
			}
			time.Sleep(700 * time.Millisecond)
			s.signal(sig)
			load.Wait()
			again := startIn(t, s.dir, "--idle-timeout", "60s")
			for i := range ledgers {
				ledgers[i].check(t, again, false)
				readers[i].check(t)
			}
		})
	}
}

// A reader requests pages, on one connection or on one for each, and looks for answers
// that are cut short.
type reader struct {
	answered int
	broken   string // an answer that was cut short
}

func (r *reader) read(s *server, reuse bool) {
	for {
		req, _ := http.NewRequest("GET", s.url+"/get/", nil)
		req.Close = !reuse
		res, err := s.client.Carrier.RoundTrip(req)
		if err != nil {
			return
		}
		b, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || !strings.HasSuffix(string(b), "</html>\n") || res.StatusCode != http.StatusOK {
			r.broken = res.Status + " " + string(b)
			return
		}
		r.answered++
	}
}

func (r *reader) check(t *testing.T) {
	t.Helper()
	if r.broken != "" || r.answered == 0 {
		t.Errorf("after %d answers: %q; want whole answers only", r.answered, r.broken)
	}
}

// A request whose last byte comes after the signal is in flight too. A deletion that is
// answered has happened.
func TestStop_FinishesWhatHasBegun(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	kept, deleted := s.set(), s.set()
	begun := map[string]string{
		"GET /set/?name=Pema HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=" + kept: setTitle,
		"POST /del/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=" + deleted:       delTitle,
		"GET /get/ HTTP/1.1\r\nHost: local":                                            noneTitle,
	}
	var all sync.WaitGroup
	var sent atomic.Int32
	signalled := make(chan struct{})
	for head, title := range begun {
		c := s.dial(t)
		_, _ = io.WriteString(c, head)
		all.Go(func() {
			sent.Add(1)
			<-signalled
			time.Sleep(300 * time.Millisecond)
			rest := "\r\nContent-Length: 0\r\n\r\n"
			if strings.HasSuffix(head, "local") {
				rest = "host" + rest
			}
			finished(t, c.Ask(rest), title)
		})
	}
	time.Sleep(200 * time.Millisecond)
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	at := time.Now()
	close(signalled)
	all.Wait()
	s.waitExit(at)
	again := startIn(t, s.dir, "--idle-timeout", "60s")
	if got := again.look(kept).Name; got != "Pema" {
		t.Errorf("name = %q; want Pema, as was answered", got)
	}
	again.state(deleted, "ended", "deleted")
}

// finished checks that an answer has that heading and is its connection's last.
func finished(t *testing.T, r *testkit.Reply, title string) {
	t.Helper()
	r.Wants(http.StatusOK, title)
	if !r.Close {
		t.Errorf("a request in flight (%s): the connection is said to be kept", title)
	}
}

// Clients that do nothing, never finish or never read leave the stop as fast.
func TestStop_IdleAndStuckClients(t *testing.T) {
	t.Parallel()
	for what, write := range map[string]string{
		"idle":        "",
		"used":        "GET /get/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"half a head": "GET /get/ HTTP/1.1\r\nHo",
		"half a body": "POST /set/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nname=",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			for range 5 {
				_, _ = io.WriteString(s.dial(t), write)
			}
			time.Sleep(100 * time.Millisecond)
			s.stop()
		})
	}
	t.Run("not reading", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		s.clog(t)
		s.stop()
	})
}

// clog requests pages without reading, until the answers fill every buffer and the
// server waits for this client.
func (s *server) clog(t *testing.T) {
	t.Helper()
	c := s.dial(t)
	_ = c.Conn.(*net.TCPConn).SetReadBuffer(4096)
	requests := strings.Repeat("GET /get/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 1000)
	for range 1000 {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := io.WriteString(c, requests); err != nil {
			return
		}
	}
	t.Fatal("a client that never reads is never made to wait")
}

// A stopping server refuses new visitors, even while an old one delays it.
func TestStop_RefusesNewConnections(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, _ = io.WriteString(s.dial(t), "GET /get/ HTTP/1.1\r\n") // for 1 s
	time.Sleep(100 * time.Millisecond)
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	at := time.Now()
	for time.Since(at) < 800*time.Millisecond {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			s.waitExit(at)
			return
		}
		_ = c.Close()
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%v after SIGTERM new connections are accepted", time.Since(at))
	s.waitExit(at)
}

// With --drain a server serves for that time after the signal. The probe says that it is not
// ready, so balancers choose another, and each answer closes its connection.
func TestStop_Drain(t *testing.T) {
	t.Parallel()
	const drain = 2 * time.Second
	s := start(t, "--idle-timeout", "60s", "--drain", drain.String())
	id := s.set(named("Pema"))
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	at := time.Now()
	s.await("GET /readyz = 503", func() bool { return s.get("/readyz").StatusCode == http.StatusServiceUnavailable })
	finished(t, s.get("/get/", cookie(id)).Reply, "Pema")
	finished(t, s.post("/set/", cookie(id), testkit.Form("name", "Sonam")).Reply, "Sonam")
	s.get("/livez").Wants(http.StatusOK, "ok")
	<-s.ended
	if took := time.Since(at); took < drain {
		t.Errorf("the server ended %v after the signal; want at least %v", took, drain)
	}
	s.waitExit(at.Add(drain))
	if said := s.out.String(); !strings.Contains(said, "msg=\"draining: ") {
		t.Errorf("the log does not say that it drains:\n%s", said)
	}
}

// A second signal stops at once: it waits neither for --drain nor for a client, and keeps what
// was answered.
func TestStop_SecondSignal(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s", "--drain", "5m")
	id, deleted := s.set(named("Pema")), s.set()
	_, _ = io.WriteString(s.dial(t), "GET /get/ HTTP/1.1\r\nHo") // never finished
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	s.await("draining", func() bool { return strings.Contains(s.out.String(), "draining: ") })
	s.post("/set/", cookie(id), testkit.Form("name", "Sonam")).Wants(http.StatusOK, "Sonam")
	s.post("/del/", cookie(deleted)).Wants(http.StatusOK, delTitle)
	time.Sleep(250 * time.Millisecond) // a signal sooner belongs to the first, and the refresh is not the change's moment
	s.get("/get/", cookie(id)).Wants(http.StatusOK, "Sonam")
	before := s.look(id)
	s.signal(syscall.SIGTERM)
	again := startIn(t, s.dir, "--idle-timeout", "60s")
	after := again.look(id)
	sameSession(t, "a stop at once", before, after)
	if lost := before.earliest().Sub(after.latest()); lost > 10*time.Millisecond || after.Name != "Sonam" {
		t.Errorf("a stop at once took %v off the session, whose name is %q; want Sonam", lost, after.Name)
	}
	again.state(deleted, "ended", "deleted")
}
