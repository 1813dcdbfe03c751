package server_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"pagesession/internal/server"

	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"
)

// patience is how long a test waits for what should come at once.
const patience = 5 * time.Second

// TestMain fails when a test leaves a goroutine behind. The engine's clock for
// Date headers is one for the whole process and never ends.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// running is a server under test.
type running struct {
	*server.Server
	addr   string
	served chan error // what Serve returned
}

// start serves c on a free port until the test ends.
func start(t *testing.T, c server.Config) *running {
	t.Helper()
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("Listen() = %v", err)
	}
	r := &running{Server: server.New(c), addr: ln.Addr().String(), served: make(chan error, 1)}
	go func() { r.served <- r.Serve(ln) }()
	t.Cleanup(func() {
		if err := r.stop(patience); err != nil {
			t.Errorf("Shutdown() = %v", err)
		}
	})
	return r
}

// stop shuts down within d.
func (r *running) stop(d time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return r.Shutdown(ctx)
}

// client is one raw connection.
type client struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

// dial connects, for as long as the test runs.
func (r *running) dial(t *testing.T) *client {
	t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatalf("Dial(%s) = %v", r.addr, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &client{t: t, Conn: c, in: bufio.NewReader(c)}
}

// send writes raw bytes.
func (c *client) send(raw string) {
	c.t.Helper()
	if _, err := io.WriteString(c.Conn, raw); err != nil {
		c.t.Fatalf("Write(%.40q) = %v", raw, err)
	}
}

// receive reads one response whole, as the answer to method.
func (c *client) receive(method string) (*http.Response, string) {
	c.t.Helper()
	res, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		c.t.Fatalf("ReadResponse() = %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("read the body: %v", err)
	}
	return res, string(body)
}

// ask sends a request and reads its response.
func (c *client) ask(raw string) (*http.Response, string) {
	c.t.Helper()
	c.send(raw)
	method, _, _ := strings.Cut(raw, " ")
	return c.receive(method)
}

// expectClosed fails unless the server has ended the connection.
func (c *client) expectClosed() {
	c.t.Helper()
	if b, err := c.in.ReadByte(); err != io.EOF {
		c.t.Errorf("after the last response: Read() = %q, %v; want EOF", b, err)
	}
}

// hello is a handler that says what it was asked.
func hello(ctx *fasthttp.RequestCtx) {
	ctx.SetBodyString("hello " + string(ctx.Method()) + " " + string(ctx.RequestURI()) + " " + string(ctx.PostBody()))
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
