package web

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"
	"pagesession/session"
)

// askFor returns a request for the stream of a session.
func askFor(id string) string {
	return "GET /session/stream/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=" + id + "\r\n\r\n"
}

// Clients that leave at any moment, with half a request or without reading, leave no place
// taken: afterwards as many streams as there are places can be opened.
func TestSessionStream_OpensAndAborts(t *testing.T) {
	const places = 4
	limits := server.DefaultLimits()
	limits.Streams = places
	s := newStreamer(t, time.Hour, limits)
	id := s.start()
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for range 100 {
				if err := s.abort(askFor(id)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	clients.Wait()
	var all []*testkit.Reply
	for by := time.Now().Add(testkit.Patience); len(all) < places; {
		a := s.ask("GET", "1.1", id)
		if a.StatusCode == 200 {
			all = append(all, a)
		} else if time.Now().After(by) {
			t.Fatalf("after the aborts %d streams can be opened; want %d", len(all), places)
		}
	}
	s.ask("GET", "1.1", id).Wants(503)
	if _, err := s.End(t.Context(), session.ParseToken(id)); err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if rest, err := io.ReadAll(a.Body); err != nil || !strings.HasSuffix(string(rest), ended("deleted")) {
			t.Errorf("rest of the stream = %q, %v; want the end", rest, err)
		}
	}
}

// abort sends a part of a request or all of it, waits a moment or not, and resets the
// connection or ends it.
func (s *streamer) abort(request string) error {
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		return err
	}
	if rand.IntN(2) == 0 {
		_ = c.(*net.TCPConn).SetLinger(0)
	}
	if rand.IntN(4) == 0 {
		request = request[:rand.IntN(len(request))]
	}
	_, _ = io.WriteString(c, request)
	if rand.IntN(2) == 0 {
		_ = c.SetReadDeadline(time.Now().Add(time.Duration(rand.IntN(3000)) * time.Microsecond))
		_, _ = c.Read(make([]byte, 1<<10))
	}
	return c.Close()
}

// A session that ends at the moment at which its stream opens is told as ended, however it
// ends; a stream never stays silent about it.
func TestSessionStream_EndsWhileOpening(t *testing.T) {
	s := newStreamer(t, time.Hour, server.DefaultLimits())
	for name, end := range map[string]func(context.Context, session.Token) error{
		"deleted":  func(ctx context.Context, token session.Token) error { _, err := s.End(ctx, token); return err },
		"replaced": func(ctx context.Context, token session.Token) error { _, _, err := s.Rotate(ctx, token); return err },
	} {
		for i := range 100 {
			id := s.start()
			done := make(chan error, 1)
			go func() {
				spin(time.Duration(i) * 10 * time.Microsecond)
				done <- end(context.Background(), session.ParseToken(id))
			}()
			s.wantEnd(id, name)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A session that expires at the moment at which its stream opens, too.
func TestSessionStream_ExpiresWhileOpening(t *testing.T) {
	s := newStreamer(t, time.Second, server.DefaultLimits())
	var all sync.WaitGroup
	for i := range 60 {
		id := s.start()
		at := time.Now().Add(time.Second + time.Duration(i-40)*200*time.Microsecond)
		all.Go(func() {
			time.Sleep(time.Until(at)) // for the storage's clock, which is the machine's
			s.wantEnd(id, "idle")
		})
	}
	all.Wait()
}

// wantEnd opens a stream, and wants the event of the end and nothing after it.
func (s *streamer) wantEnd(id, why string) {
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.Error(err)
		return
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(testkit.Patience))
	_, _ = io.WriteString(c, strings.Replace(askFor(id), "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
	all, err := io.ReadAll(c)
	if n := strings.Count(string(all), "event: ended"); err != nil || n != 1 || !strings.Contains(string(all), ended(why)) {
		s.Error(fmt.Errorf("the stream says %q, %w; want the end, %s", all, err, why))
	}
}

// spin waits without giving the processor away: a sleep takes a tenth of a millisecond.
func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}
