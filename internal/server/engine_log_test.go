package server_test

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// At level debug the log has a line for each connection that breaks, with the kind of the
// error. It has nothing of what the client sent, and no address.
func TestEngineLog_QuotesNothing(t *testing.T) {
	c, log := config(), new(testkit.Log)
	c.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := start(t, c)
	r.Ready(hello)
	for _, raw := range []string{
		"GET /secret HTTP/1.1\r\nHost: x\r\nCookie secret\r\n\r\n",
		"GET / HTTP/1.1\r\nCookie: sessionid=secret\r\nContent-Length: secret\r\n\r\n",
		"GET / secret/9\r\nHost: x\r\n\r\n",
		"secret\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + strings.Repeat("secret", 5000) + "\r\n\r\n",
	} {
		r.dial(t).Ask(raw)
	}
	_ = r.dial(t).Close()
	if err := r.stop(time.Minute); err != nil {
		t.Fatal(err)
	}
	wantNothingOf(t, log.String(), "secret", "Cookie", "127.0.0.1")
	if n := strings.Count(log.String(), `level=DEBUG msg="connection failed" cause="answered with 4`); n < 4 {
		t.Errorf("%d lines of failed requests; want 4 at least:\n%s", n, log)
	}
}

// Nor has it the addresses of a failed handshake.
func TestEngineLog_Handshake(t *testing.T) {
	c, log := config(), new(testkit.Log)
	c.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := startTLS(t, c)
	r.Ready(hello)
	broken := testkit.Dial(t, r.addr)
	broken.Send("\x16\x03")
	_ = broken.Conn.(*net.TCPConn).SetLinger(0) // Close resets
	_ = broken.Close()
	for end := time.Now().Add(testkit.Patience); !strings.Contains(log.String(), "TLS handshake failed") && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	wantNothingOf(t, log.String(), "127.0.0.1")
	if !strings.Contains(log.String(), "TLS handshake failed") {
		t.Errorf("log: %s; want the handshake", log)
	}
}

func wantNothingOf(t *testing.T, log string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
}
