package server_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/server"
)

// slowly is a body whose first reads take a while.
type slowly struct {
	io.Reader
	slow   int // reads
	closed chan struct{}
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.slow--; s.slow >= 0 {
		time.Sleep(100 * time.Millisecond)
	}
	return s.Reader.Read(p[:min(len(p), 4096)])
}

func (s *slowly) Close() error { close(s.closed); return nil }

// A download may take longer than an answer, as long as pieces come; its body is closed.
func TestDownload_LongerThanAnAnswer(t *testing.T) {
	const size = 1 << 20
	r := start(t, limited(func(l *server.Limits) { l.Write = time.Second }))
	content, closed := bytes.Repeat([]byte("0123456789abcdef"), size/16), make(chan struct{})
	r.Ready(func(ctx *fasthttp.RequestCtx) {
		server.Download(ctx, &slowly{bytes.NewReader(content), 15, closed}, size)
	})
	answer, err := http.Get("http://" + r.addr + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	got, err := io.ReadAll(answer.Body)
	if err != nil || !bytes.Equal(got, content) || answer.ContentLength != size {
		t.Errorf("%d bytes of %d, %v; want %d", len(got), answer.ContentLength, err, size)
	}
	within(t, "the end of the body", closed)
}

// A client that reads nothing does not hold its download for longer than a piece may take.
func TestDownload_ClientStops(t *testing.T) {
	r := start(t, limited(func(l *server.Limits) { l.Write = 100 * time.Millisecond }))
	closed := make(chan struct{})
	const size = 64 << 20 // more than the buffers of a connection
	r.Ready(func(ctx *fasthttp.RequestCtx) {
		server.Download(ctx, &slowly{io.LimitReader(zeros{}, size), 0, closed}, size)
	})
	r.dial(t).Send(get)
	within(t, "the end of the body", closed)
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
