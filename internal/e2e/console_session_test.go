package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// An operator's session ends after a quarter of an hour without use, and after
// eight hours.
func TestConsole_Timeouts(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := s.get("/admin/session/", testkit.Header("Cookie", "adminid="+s.operator()))
	var state struct {
		Idle     int64 `json:"idle_timeout_ms"`
		Absolute int64 `json:"absolute_remaining_ms"`
	}
	if err := json.Unmarshal([]byte(r.Text), &state); err != nil {
		t.Fatalf("GET /admin/session/ = %q: %v", r.Text, err)
	}
	const idle, absolute, test = 15 * time.Minute, 8 * time.Hour, time.Minute
	if state.Idle != idle.Milliseconds() || state.Absolute > absolute.Milliseconds() || state.Absolute < (absolute-test).Milliseconds() {
		t.Errorf("GET /admin/session/ = %s; want %v without use, %v in all", r.Text, idle, absolute)
	}
}

// A stream ends with its session, also for a client that keeps the connection. Clients of
// HTTP/1.0, such as nginx with its defaults, get no chunks.
func TestConsole_StreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.operator()
	for _, version := range []string{"1.0", "1.1"} {
		c := s.dial(t)
		_, _ = io.WriteString(c, "GET /admin/stream/ HTTP/"+version+"\r\nHost: localhost\r\nCookie: adminid="+id+"\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || answer.StatusCode != http.StatusOK || (answer.TransferEncoding != nil) != (version == "1.1") {
			t.Fatalf("GET /admin/stream/ HTTP/%s = %v, %v; want 200, in chunks only for 1.1", version, answer, err)
		}
		if n, err := answer.Body.Read(make([]byte, 1)); n == 0 {
			t.Fatalf("HTTP/%s: the stream says nothing: %v", version, err)
		}
		again := s.post("/admin/login/", testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Form("username", "ada", "password", consolePassword))
		_, id, _ = strings.Cut(again.Header.Get("Set-Cookie"), "adminid=")
		id, _, _ = strings.Cut(id, ";")
		s.post("/admin/own-sessions/end-others/", testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Header("Cookie", "adminid="+id), testkit.Form("old", consolePassword))
		_ = c.SetReadDeadline(time.Now().Add(testkit.Patience))
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Errorf("HTTP/%s: the stream of a session that has ended: %v; want its end", version, err)
		}
	}
}
