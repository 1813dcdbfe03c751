package server

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// The engine may set a deadline after draining has begun. The earlier deadline must win.
func TestConn_SetReadDeadlineWhileDraining(t *testing.T) {
	const never = time.Hour
	for _, tc := range []struct {
		name       string
		idle       bool
		drain, set time.Duration
	}{
		{"within a request", false, 10 * time.Millisecond, 2 * never},
		{"between requests", true, never, 2 * never},
		// as when the answer before it was sent, but not yet noted, at that moment
		{"between requests, with less time than draining gives", true, never, never / 2},
	} {
		near, far := net.Pipe()
		cs := newConnections(Limits{Connections: 1}, nil, slog.New(slog.DiscardHandler))
		c, _ := cs.add(near)
		cs.drain(time.Now().Add(tc.drain))
		c.idle.Store(tc.idle)
		if err := c.SetReadDeadline(time.Now().Add(tc.set)); err != nil {
			t.Errorf("%s: SetReadDeadline() = %v", tc.name, err)
		}
		watchdog := time.AfterFunc(5*time.Second, func() { _ = far.Close() })
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: Read() = %v; want %v", tc.name, err, os.ErrDeadlineExceeded)
		}
		watchdog.Stop()
		_ = far.Close()
		if err := c.Close(); err != nil {
			t.Errorf("%s: Close() = %v", tc.name, err)
		}
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: second Close() = %v; want %v", tc.name, err, net.ErrClosed)
		}
		if err := cs.wait(t.Context()); err != nil {
			t.Errorf("%s: wait() = %v; want nil once nothing is open", tc.name, err)
		}
	}
}

// closing records how many connections are counted when it closes.
type closing struct {
	net.Conn
	conns   *connections
	counted int
}

func (c *closing) Close() error {
	c.counted = c.conns.open()
	return c.Conn.Close()
}

// The place is free before the client sees the close.
func TestConn_CloseFreesThePlaceFirst(t *testing.T) {
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	cs := newConnections(Limits{Connections: 1}, nil, slog.New(slog.DiscardHandler))
	c := &closing{Conn: near, conns: cs, counted: -1}
	counted, _ := cs.add(c)
	if err := counted.Close(); err != nil {
		t.Fatal(err)
	}
	if c.counted != 0 {
		t.Errorf("%d connections counted when the client sees the end; want 0", c.counted)
	}
}

// recorder records the write deadlines that reach the connection.
type recorder struct {
	net.Conn
	set []time.Time
}

func (r *recorder) SetWriteDeadline(t time.Time) error {
	r.set = append(r.set, t)
	return nil
}

// A write has its limit, or up to a step less.
func TestConn_SetWriteDeadlineInSteps(t *testing.T) {
	const step = time.Second
	r := &recorder{}
	c := &conn{Conn: r, writeStep: step}
	begin := time.Now()
	at := func(after time.Duration) time.Time { return begin.Add(after) }
	for _, by := range []time.Time{
		at(0), at(step - 1), at(step), at(2*step - 1), at(time.Hour), at(time.Minute), {}, at(time.Hour),
	} {
		if err := c.SetWriteDeadline(by); err != nil {
			t.Fatal(err)
		}
	}
	want := []time.Time{at(0), at(step), at(time.Hour), at(time.Minute), {}, at(time.Hour)}
	if !slices.EqualFunc(r.set, want, time.Time.Equal) {
		t.Errorf("deadlines set: %v; want %v", r.set, want)
	}
}

func (r *recorder) SetReadDeadline(t time.Time) error {
	r.set = append(r.set, t)
	return nil
}

func (r *recorder) Read([]byte) (int, error) { return 0, nil }

// Only Read moves the deadline, and only by a step or more.
func TestConn_ReadMovesItsDeadlineInSteps(t *testing.T) {
	const step = time.Second
	r := &recorder{}
	c := &conn{Conn: r, conns: newConnections(Limits{Connections: 1}, nil, slog.New(slog.DiscardHandler)), readStep: step}
	begin := time.Now()
	at := func(after time.Duration) time.Time { return begin.Add(after) }
	want := []time.Time{at(time.Hour), at(time.Minute), at(time.Hour + step), {}, at(time.Hour)}
	for _, by := range []time.Time{
		{}, at(time.Hour), at(time.Hour + step - 1), at(time.Minute), at(time.Minute), at(time.Hour + step), {}, {}, at(time.Hour),
	} {
		for _, passed := range []time.Time{at(time.Second), by} {
			if err := c.SetReadDeadline(passed); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Read(nil); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.EqualFunc(r.set, want, time.Time.Equal) {
		t.Errorf("deadlines set: %v; want %v", r.set, want)
	}
}

// refused is a connection whose client sends nothing more.
type refused struct{ recorder }

func (*refused) CloseWrite() error        { return nil }
func (*refused) Close() error             { return nil }
func (*refused) Read([]byte) (int, error) { return 0, io.EOF }

// A refused client may send for lingerTimeout, whatever deadline the engine has set.
func TestConn_CloseLingersForItsOwnTime(t *testing.T) {
	r := &refused{}
	cs := newConnections(Limits{Connections: 1}, nil, slog.New(slog.DiscardHandler))
	c, _ := cs.add(r)
	c.linger.Store(true)
	begin := time.Now()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if len(r.set) != 1 || r.set[0].Before(begin.Add(lingerTimeout)) || r.set[0].After(time.Now().Add(lingerTimeout)) {
		t.Errorf("deadlines set: %v; want one, %v from now", r.set, lingerTimeout)
	}
}

// A cut does not wait for a client that reads nothing, to which TLS would say goodbye.
func TestConnections_CutWithTLS(t *testing.T) {
	own := testkit.NewCertificate(t, time.Now().Add(time.Hour), "localhost")
	near, far := net.Pipe() // without a buffer: a write waits for a read
	defer func() { _ = far.Close() }()
	cs := newConnections(Limits{Connections: 1}, nil, slog.New(slog.DiscardHandler))
	l := &listener{conns: cs, secure: TLSConfig(own.Get)}
	c := l.add(near).(*tlsConn)
	client := tls.Client(far, own.Trusted("localhost"))
	read := make(chan error, 1)
	go func() { _, err := client.Read(make([]byte, 1)); read <- err }() // the handshake, and one byte
	if err := c.secure.Handshake(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if n := cs.cut(); n != 1 {
		t.Errorf("cut() = %d; want 1", n)
	}
	if took := time.Since(begin); took > 4*time.Second { // TLS says goodbye for 5 s
		t.Errorf("cut() took %v; want no wait for the client", took)
	}
}
