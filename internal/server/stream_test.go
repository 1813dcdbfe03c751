package server_test

import (
	"io"
	"strings"
	"testing"

	"pagesession/internal/server"
	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// events is a body that waits before each event.
type events struct {
	next   chan string
	closed chan struct{}
}

func (e *events) Read(p []byte) (int, error) {
	event, ok := <-e.next
	if !ok {
		return 0, io.EOF
	}
	return copy(p, event), nil
}

func (e *events) Close() error {
	close(e.closed)
	return nil
}

// Events arrive one by one, in chunks or until the end of the connection.
func TestStream(t *testing.T) {
	for _, tc := range []struct {
		version, fields string
		chunks          bool
	}{
		{"1.1", "", true},
		{"1.0", "", false},
		{"1.0", "Connection: keep-alive\r\n", false},
	} {
		t.Run(tc.version+tc.fields, func(t *testing.T) {
			r, e := start(t, config()), &events{make(chan string), make(chan struct{})}
			r.Ready(func(ctx *fasthttp.RequestCtx) {
				ctx.SetContentType("text/event-stream")
				ctx.Response.Header.Set("X-Accel-Buffering", "no")
				server.Stream(ctx, e)
			})
			c := r.dial(t)
			c.Send("GET / HTTP/" + tc.version + "\r\nHost: x\r\n" + tc.fields + "\r\n")
			go func() { e.next <- "one\n" }()
			res := c.Receive("GET")
			if res.StatusCode != 200 || !res.Close || res.Header.Get("X-Accel-Buffering") != "no" || (res.TransferEncoding != nil) != tc.chunks {
				t.Errorf("answer = %d, close %v, %v, %v; want chunks: %v", res.StatusCode, res.Close, res.TransferEncoding, res.Header, tc.chunks)
			}
			first := make([]byte, 4)
			if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != "one\n" {
				t.Fatalf("first event = %q, %v", first, err)
			}
			e.next <- "two\n"
			close(e.next)
			if rest, err := io.ReadAll(res.Body); err != nil || string(rest) != "two\n" {
				t.Errorf("rest = %q, %v; want the second event", rest, err)
			}
			within(t, "Close", e.closed)
			c.ExpectClosed()
		})
	}
}

// A client that goes ends its stream, which then delays no stop.
func TestStream_EndsWithTheClient(t *testing.T) {
	r, e := start(t, config()), &events{make(chan string), make(chan struct{})}
	r.Ready(func(ctx *fasthttp.RequestCtx) { server.Stream(ctx, e) })
	c := r.dial(t)
	c.Send("GET / HTTP/1.0\r\n\r\n")
	e.next <- "one"
	_ = c.Close()
	for open := true; open; {
		select {
		case e.next <- strings.Repeat("x", 1<<10):
		case <-e.closed:
			open = false
		}
	}
	if err := r.stop(testkit.Patience); err != nil {
		t.Errorf("Shutdown() = %v", err)
	}
}
