//go:build !race

// The race detector makes sync.Pool forget at random, so counting allocations
// says nothing under it.

package app

import (
	"bytes"
	"net"
	"testing"
)

// A whole refresh over a real connection, with engine, routing, policy and store,
// allocates nothing. Background work may allocate now and then.
func TestRequest_Allocations(t *testing.T) {
	v := newVisitor(t)
	if got := testing.AllocsPerRun(5000, v.look); got > 1 {
		t.Errorf("GET /get/ makes %v allocations; want at most 1", got)
	}
}

func BenchmarkRequest(b *testing.B) {
	v := newVisitor(b)
	b.ReportAllocs()
	for b.Loop() {
		v.look()
	}
}

// A visitor has a session and one connection, and sends requests without allocating.
type visitor struct {
	tb      testing.TB
	conn    net.Conn
	request []byte
	answer  []byte
}

func newVisitor(tb testing.TB) *visitor {
	conn, err := net.Dial("tcp", serve(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	v := &visitor{tb: tb, conn: conn, answer: make([]byte, 64<<10)}
	v.request = []byte("GET /set/?name=Ada HTTP/1.1\r\nHost: localhost\r\n\r\n")
	_, id, _ := bytes.Cut(v.ask(), []byte("Set-Cookie: sessionid="))
	id, _, _ = bytes.Cut(id, []byte(";"))
	v.request = []byte("GET /get/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=" + string(id) + "\r\n\r\n")
	return v
}

// look refreshes the session and checks that it was there.
func (v *visitor) look() {
	if !bytes.Contains(v.ask(), []byte("<bdi>Ada</bdi>")) {
		v.tb.Fatal("GET /get/ does not show the session")
	}
}

// ask sends the request and reads until the page ends.
func (v *visitor) ask() []byte {
	if _, err := v.conn.Write(v.request); err != nil {
		v.tb.Fatal(err)
	}
	for n := 0; ; {
		m, err := v.conn.Read(v.answer[n:])
		if err != nil {
			v.tb.Fatal(err)
		}
		if n += m; bytes.HasSuffix(v.answer[:n], []byte("</html>\n")) {
			return v.answer[:n]
		}
	}
}
