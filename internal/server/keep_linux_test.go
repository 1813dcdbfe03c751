package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/listen"
	"pagesession/internal/server"
	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// A keptClient sends one request after the other, and connects again only when an answer
// says that its connection closes.
type keptClient struct {
	addr     string
	conn     net.Conn
	answers  *bufio.Reader
	answered int
}

// ask sends a request. Any answer but 200 is an error, and so is none.
func (k *keptClient) ask() error {
	if k.conn == nil {
		c, err := net.DialTimeout("tcp", k.addr, testkit.Patience)
		if err != nil {
			return err
		}
		k.conn, k.answers = c, bufio.NewReader(c)
	}
	_ = k.conn.SetDeadline(time.Now().Add(testkit.Patience)) // an error shows below
	if _, err := k.conn.Write([]byte(get)); err != nil {
		return fmt.Errorf("request %d: %w", k.answered, err)
	}
	answer, err := http.ReadResponse(k.answers, nil)
	if err != nil {
		return fmt.Errorf("answer %d: %w", k.answered, err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != 200 {
		return fmt.Errorf("answer %d: %s", k.answered, answer.Status)
	}
	k.answered++
	if answer.Close {
		_ = k.conn.Close()
		k.conn = nil
	}
	return nil
}

// Servers follow each other on a socket that stays open. Each request is answered, also on
// connections that are kept, and none is refused.
func TestShutdown_SocketStaysOpen(t *testing.T) {
	parent := listenFirst(t)
	var done atomic.Bool
	var load sync.WaitGroup
	clients := make([]keptClient, 16)
	for i := range clients {
		k := &clients[i]
		k.addr = parent.Addr().String()
		load.Go(func() {
			for !done.Load() {
				if err := k.ask(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 20 {
		s, served := startOn(t, parent, config())
		time.Sleep(20 * time.Millisecond) // of load; its length does not matter
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown() = %v; want nil", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve() = %v; want nil", err)
		}
	}
	done.Store(true)
	s, served := startOn(t, parent, config()) // answers who waits
	load.Wait()
	for i := range clients {
		if clients[i].answered < 20 {
			t.Errorf("client %d has %d answers; want one of each server at least", i, clients[i].answered)
		}
		if clients[i].conn != nil {
			_ = clients[i].conn.Close()
		}
	}
	_ = s.Shutdown(t.Context())
	<-served
}

// An idle connection is answered once more after the stop has begun, and then closed; the
// stop waits for nothing else.
func TestShutdown_LastRequestOfIdleConnections(t *testing.T) {
	parent := listenFirst(t)
	s, served := startOn(t, parent, limited(func(l *server.Limits) { l.DrainIdle = 2 * testkit.Patience }))
	k := &keptClient{addr: parent.Addr().String()}
	if err := k.ask(); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(t.Context()) }()
	for s.IsReady() {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond) // a client that is not in a hurry
	if err := k.ask(); err != nil || k.conn != nil {
		t.Errorf("a request on an idle connection after the stop has begun: %v; want an answer that closes the connection", err)
	}
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("Shutdown() = %v; want nil", err)
		}
	case <-time.After(testkit.Patience):
		t.Error("Shutdown goes on without a connection")
	}
	<-served
}

// listenFirst listens as the process does that starts servers.
func listenFirst(t *testing.T) *net.TCPListener {
	t.Helper()
	var plain net.ListenConfig
	plain.SetMultipathTCP(false) // as systemd does
	ln, err := plain.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	return ln.(*net.TCPListener)
}

// startOn starts a server on a copy of the socket, as the next process does.
func startOn(t *testing.T, parent *net.TCPListener, c server.Config) (*server.Server, chan error) {
	t.Helper()
	f, err := parent.File()
	if err != nil {
		t.Fatal(err)
	}
	ln, err := listen.Inherit(f)
	if err != nil {
		t.Fatal(err)
	}
	c.Holds = func(*fasthttp.RequestCtx) bool { return true }
	s, served := server.New(c), make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	s.Ready(hello)
	return s, served
}
