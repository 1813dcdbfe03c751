package server

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"
)

// A request that has arrived when draining ends the wait for it is read. The next one is not.
func TestConn_LastLook(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	accepted, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	cs := newConnections(DefaultLimits(), nil, slog.New(slog.DiscardHandler))
	c, _ := cs.add(accepted)
	defer c.Close()
	c.idle.Store(true)
	if _, err := io.WriteString(client, "GET / "); err != nil {
		t.Fatal(err)
	}
	cs.drain(time.Now().Add(time.Second))
	for b := make([]byte, cs.Header); ; { // the bytes are on their way
		n, err := c.Read(b)
		if n > 0 && string(b[:n]) == "GET / " {
			break
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || !c.looked {
			t.Fatalf("Read() = %q, %v; want what the client has sent", b[:n], err)
		}
		c.looked = false
	}
	_, _ = io.WriteString(client, "again")
	if n, err := c.Read(make([]byte, cs.Header)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a second Read() = %d, %v; want the end", n, err)
	}
}
