package web

import (
	"bufio"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"
	"pagesession/internal/testkit/nginx"
	"pagesession/session"
)

// behindNginx starts an nginx with its defaults and these lines, whose upstream may be silent
// for a second.
func (s *streamer) behindNginx(lines string) (addr string) {
	s.Helper()
	return nginx.Start(s, nginx.Config{HTTP: `server { listen ADDRESS; location / {
		proxy_pass http://` + s.addr + `; proxy_set_header Host localhost; proxy_read_timeout 1s; ` + lines + ` } }`})
}

// Through nginx, with buffers and gzip, events come at once; heartbeats keep the stream open
// beyond the time for a silent upstream; and a browser that goes frees its place.
func TestSessionStream_Nginx(t *testing.T) {
	limits := server.DefaultLimits()
	limits.Streams = 1
	s := newStreamer(t, time.Hour, limits, func(cfg *Config) { cfg.Heartbeat = 300 * time.Millisecond })
	addr := s.behindNginx(`proxy_http_version 1.1; proxy_set_header Connection ""; gzip on; gzip_types *; gzip_min_length 0;`)
	for _, line := range []string{"X: y", "Accept-Encoding: gzip"} {
		id := s.start()
		_, events := s.place(addr, id, line)
		began := time.Now()
		for range 9 {
			s.nextEvent(events, "event: beat")
		}
		if took := time.Since(began); took < 1500*time.Millisecond || took > 5*time.Second {
			t.Errorf("%s: nine heartbeats took %v; want about 2.5 s", line, took)
		}
		ended := time.Now()
		if _, err := s.End(t.Context(), session.ParseToken(id)); err != nil {
			t.Fatal(err)
		}
		s.nextEvent(events, "event: ended")
		if took := time.Since(ended); took > 3*time.Second {
			t.Errorf("%s: the end came after %v; want at most 3 s", line, took)
		}
		c, events := s.place(addr, s.start(), line)
		s.nextEvent(events, "event: beat")
		_ = c.Close()
	}
}

// By default nginx of Debian 12 speaks HTTP/1.0 with the server: there is no stream, and the
// page is told at once.
func TestSessionStream_NginxOfHTTP10(t *testing.T) {
	s := newStreamer(t, time.Hour, server.DefaultLimits())
	_, a := s.through(s.behindNginx(`proxy_http_version 1.0;`), s.start(), "X: y")
	if a.Wants(426, "chunks"); a.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After = %q; want 60", a.Header.Get("Retry-After"))
	}
}

// through asks for a stream at another address.
func (s *streamer) through(addr, id, line string) (*testkit.Conn, *testkit.Reply) {
	s.Helper()
	c := testkit.Dial(s.T, addr)
	c.Send("GET /session/stream/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=" + id + "\r\n" + line + "\r\n\r\n")
	return c, c.Receive("GET")
}

// decoded returns the events of an answer.
func (s *streamer) decoded(a *testkit.Reply) io.Reader {
	s.Helper()
	if a.Header.Get("Content-Encoding") != "gzip" {
		return a.Body
	}
	r, err := gzip.NewReader(a.Body)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

// nextEvent reads up to a line, past other events than that.
func (s *streamer) nextEvent(from *bufio.Reader, want string) {
	s.Helper()
	for {
		line, err := from.ReadString('\n')
		if err != nil {
			s.Fatalf("no %q: %v", want, err)
		}
		if strings.TrimSpace(line) == want {
			return
		}
	}
}

// place opens a stream through nginx as soon as the only place is free.
func (s *streamer) place(addr, id, line string) (*testkit.Conn, *bufio.Reader) {
	s.Helper()
	for by := time.Now().Add(testkit.Patience); ; {
		c, a := s.through(addr, id, line)
		if a.StatusCode != 503 || time.Now().After(by) {
			return c, bufio.NewReader(s.decoded(a.Wants(200)))
		}
		_ = c.Close()
	}
}
