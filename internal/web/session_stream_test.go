package web

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/server"
	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage"
)

// A streamer is a site over real sessions on a real server.
type streamer struct {
	*testing.T
	*session.Policy
	server *server.Server
	addr   string
}

func newStreamer(t *testing.T, idle time.Duration, limits server.Limits, change ...func(*Config)) *streamer {
	t.Helper()
	store, err := storage.Open(storage.Config{Database: t.TempDir() + "/sessions.db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	policy := fiberv2.DefaultConfig()
	policy.Store, policy.IdleTimeout = store.Sessions(), idle
	sessions, err := fiberv2.New(policy)
	if err != nil {
		t.Fatal(err)
	}
	app, _ := newApp(t, session.View{}, append([]func(*Config){func(cfg *Config) { cfg.Sessions = sessions }}, change...)...)
	s := &streamer{T: t, Policy: sessions.Policy(), server: server.New(server.Config{
		Unavailable: func(ctx *fasthttp.RequestCtx) {}, Error: func(*fasthttp.RequestCtx, int) {},
		Logger: slog.New(slog.DiscardHandler), Limits: limits,
	})}
	s.server.Ready(Handler(app))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(ln) }()
	t.Cleanup(func() {
		s.stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *streamer) stop() {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		s.Error(err)
	}
}

// start starts a session and returns its id.
func (s *streamer) start() (id string) {
	s.Helper()
	_, cookie, err := s.Start(s.Context(), session.Token{}, session.ClientInfo{}, nil)
	if err != nil {
		s.Fatal(err)
	}
	return cookie.Value()
}

// ask asks for the stream of a session.
func (s *streamer) ask(method, version, id string, lines ...string) *testkit.Reply {
	s.Helper()
	lines = append([]string{method + " /session/stream/ HTTP/" + version, "Host: localhost", "Cookie: sessionid=" + id}, lines...)
	c := testkit.Dial(s.T, s.addr)
	c.Send(strings.Join(lines, "\r\n") + "\r\n\r\n")
	return c.Receive(method)
}

// open opens the stream of a session, and reads its first line.
func (s *streamer) open(id string) *testkit.Reply {
	s.Helper()
	a := s.ask("GET", "1.1", id).Wants(200)
	first := make([]byte, len("retry: 3000\n\n"))
	if _, err := io.ReadFull(a.Body, first); err != nil || !strings.HasPrefix(string(first), "retry: ") {
		s.Errorf("the stream begins with %q, %v; want when to come back", first, err)
	}
	return a
}

// wantRest fails unless the rest of a stream is want, but for heartbeats.
func (s *streamer) wantRest(a *testkit.Reply, want string) {
	s.Helper()
	all, err := io.ReadAll(a.Body)
	if rest := strings.ReplaceAll(string(all), beatEvent, ""); err != nil || rest != want {
		s.Errorf("rest of the stream = %q, %v; want %q", rest, err, want)
	}
}

func ended(why string) string { return "event: ended\ndata: {\"reason\":\"" + why + "\"}\n\n" }

// An end is told to all who watch, with its reason, and to those who come later.
func TestSessionStream_TellsTheEnd(t *testing.T) {
	s := newStreamer(t, time.Hour, server.DefaultLimits())
	for why, end := range map[string]func(session.Token) error{
		"deleted":  func(token session.Token) error { _, err := s.End(t.Context(), token); return err },
		"revoked":  func(token session.Token) error { k, _ := token.Key(); _, err := s.Revoke(t.Context(), k); return err },
		"replaced": func(token session.Token) error { _, _, err := s.Rotate(t.Context(), token); return err },
	} {
		id := s.start()
		first, second := s.open(id), s.open(id)
		if err := end(session.ParseToken(id)); err != nil {
			t.Fatal(err)
		}
		for _, a := range []*testkit.Reply{first, second, s.ask("GET", "1.1", id).Wants(200)} {
			if kind, buffered := a.Header.Get("Content-Type"), a.Header.Get("X-Accel-Buffering"); kind != "text/event-stream; charset=utf-8" || buffered != "no" {
				t.Errorf("Content-Type %q, X-Accel-Buffering %q; want events, unbuffered", kind, buffered)
			}
			checkHeaders(t, a)
			checkCaching(t, a, true)
			s.wantRest(a, ended(why))
		}
	}
}

// A timeout is told when it is over. Neither the stream nor its heartbeats extend the session.
func TestSessionStream_Timeout(t *testing.T) {
	s := newStreamer(t, time.Second, server.DefaultLimits(), func(cfg *Config) { cfg.Heartbeat = 100 * time.Millisecond })
	began := time.Now()
	a := s.open(s.start())
	rest, err := io.ReadAll(a.Body)
	if took := time.Since(began); err != nil || took < time.Second-time.Millisecond || took > 3*time.Second {
		t.Errorf("the end came after %v, %v; want it after 1 s, in whole milliseconds of the session's time", took, err)
	}
	n := strings.Count(string(rest), beatEvent)
	if string(rest) != strings.Repeat(beatEvent, n)+ended("idle") || n < 4 || n > 12 {
		t.Errorf("rest of the stream = %q; want a heartbeat at once and each 100 ms, then the end", rest)
	}
}

// When the server stops the stream ends, and says nothing of the session.
func TestSessionStream_ServerStops(t *testing.T) {
	s := newStreamer(t, time.Hour, server.DefaultLimits())
	a := s.open(s.start())
	s.stop()
	s.wantRest(a, "")
}

// Who gets no stream is told why.
func TestSessionStream_Refused(t *testing.T) {
	limits := server.DefaultLimits()
	limits.Streams, limits.ForNetwork = 2, 1
	network := netip.Addr{}
	s := newStreamer(t, time.Hour, limits, func(cfg *Config) {
		cfg.StreamNetwork = func(*fiber.Ctx) netip.Addr { return network }
	})
	id := s.start()
	for _, test := range []struct {
		method, version, id, line string
		want                      int
	}{
		{"GET", "1.1", "", "X: y", 204},
		{"GET", "1.1", strings.Repeat("A", 26), "X: y", 204},
		{"GET", "1.1", id + "; sessionid=" + s.start(), "X: y", 204}, // several, so none counts
		{"GET", "1.0", id, "X: y", 426},
		{"GET", "1.1", id, "Sec-Fetch-Site: cross-site", 403},
		{"GET", "1.1", id, "Sec-Fetch-Site: same-site", 403},
		{"GET", "1.1", id, "Origin: http://evil.example", 403},
		{"GET", "1.1", id, "Referer: http://evil.example/", 403},
		{"POST", "1.1", id, "Content-Length: 0", 405},
		{"HEAD", "1.1", id, "Sec-Fetch-Site: same-origin", 200},
		{"HEAD", "1.1", id, "Referer: http://localhost/get/", 200},
	} {
		a := s.ask(test.method, test.version, test.id, test.line)
		a.What += " HTTP/" + test.version + ", " + test.line
		a.Wants(test.want)
		checkHeaders(t, a)
		checkCaching(t, a, test.want == 200 || test.want == 204)
	}
	network = netip.MustParseAddr("192.0.2.1")
	s.open(id)
	s.ask("GET", "1.1", id).Wants(429, "the network has no stream free")
	network = netip.Addr{}
	s.open(id)
	if a := s.ask("GET", "1.1", id).Wants(503, "no stream is free"); a.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After = %q; want 60", a.Header.Get("Retry-After"))
	}
}

// While the store cannot be asked there is no stream, and nothing is said to have ended.
func TestSessionStream_StoreFails(t *testing.T) {
	app, f := newApp(t, liveView("Sonam"))
	f.lookErr = session.ErrUnavailable
	ask(t, app, "GET", "/session/stream/", "").Wants(503).Lacks("event:")
}

// Heartbeats come in step, never late, and at most a fiftieth of their time early.
func TestUntilBeat(t *testing.T) {
	sent := time.Now()
	for after := time.Duration(0); after < 24*time.Second; after += 77 * time.Millisecond {
		now := sent.Add(after)
		due := untilBeat(now, sent, heartbeat)
		if at := after + due; at > heartbeat || at < heartbeat-heartbeat/steps || now.Add(due).UnixNano()%int64(500*time.Millisecond) != 0 {
			t.Errorf("%v after the last heartbeat the next is due at %v, at the instant %v", after, at, now.Add(due))
		}
	}
}
