package app

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/config"
	"pagesession/internal/testkit"
)

// A failure before the server exists is returned as an error.
func TestRun_FailsBeforeTheServer(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir, cfg.Language = "127.0.0.1:0", t.TempDir(), "xx"
	err := Run(t.Context(), cfg, slog.New(slog.DiscardHandler), Process{})
	if err == nil || !strings.Contains(err.Error(), `"xx"`) {
		t.Errorf("Run in language xx = %v; want an error that names it", err)
	}
}

// An answer borrows its page until it is written. With many visitors, and with several
// requests in a row on a connection, each visitor gets complete pages with their own
// name.
func TestRun_VisitorsGetTheirOwnPages(t *testing.T) {
	addr := serve(t)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if err := lookOften(addr, fmt.Sprintf("visitor%d%s", i, strings.Repeat("x", 5*i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// lookOften sends four requests at a time, and then reads the answers.
func lookOften(addr, name string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	answers := bufio.NewReader(conn)
	set, err := request(conn, answers, 1, "GET /set/?name="+name+" HTTP/1.1\r\nHost: localhost\r\n\r\n", name)
	if err != nil {
		return err
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(set, "sessionid="), ";")
	for range 50 {
		_, err := request(conn, answers, 4, "GET /get/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid="+id+"\r\n\r\n", name)
		if err != nil {
			return err
		}
	}
	return nil
}

// request sends a request n times, and checks for n complete pages with this name. It
// returns the cookie of the last one.
func request(conn net.Conn, answers *bufio.Reader, n int, text, name string) (cookie string, err error) {
	if _, err := conn.Write(bytes.Repeat([]byte(text), n)); err != nil {
		return "", err
	}
	for range n {
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return "", err
		}
		page, err := io.ReadAll(answer.Body)
		if err != nil {
			return "", err
		}
		if !bytes.Contains(page, []byte("<bdi>"+name+"</bdi>")) || !bytes.HasPrefix(page, []byte("<!DOCTYPE html>")) || !bytes.HasSuffix(page, []byte("</html>\n")) {
			return "", fmt.Errorf("%s gets %d, %s", name, answer.StatusCode, page)
		}
		cookie = answer.Header.Get("Set-Cookie")
	}
	return cookie, nil
}

// serve runs the whole application and returns its address.
func serve(tb testing.TB) string {
	cfg := defaults(tb)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", tb.TempDir()
	addr, _ := serveIn(tb, cfg, io.Discard)
	return addr
}

// serveIn runs the application with these settings until the test ends. It returns its
// address, and what stops it before.
func serveIn(tb testing.TB, cfg config.Config, notices io.Writer) (addr string, stop func() error) {
	return serveWith(tb, cfg, notices, io.Discard)
}

// serveLogged is serveIn with a log.
func serveLogged(tb testing.TB, cfg config.Config, log io.Writer) (addr string, stop func() error) {
	return serveWith(tb, cfg, io.Discard, log)
}

func serveWith(tb testing.TB, cfg config.Config, notices, log io.Writer) (addr string, stop func() error) {
	return serveAs(tb, cfg, Process{Notices: notices}, log)
}

func serveAs(tb testing.TB, cfg config.Config, process Process, log io.Writer) (addr string, stop func() error) {
	found := make(testkit.Serving, 1)
	logger := slog.New(slog.NewMultiHandler(found, slog.NewTextHandler(log, &slog.HandlerOptions{Level: cfg.LogLevel})))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, cfg, logger, process) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	tb.Cleanup(func() {
		if err := stop(); err != nil {
			tb.Error(err)
		}
	})
	select {
	case url := <-found:
		addr = strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
	case err := <-done:
		done <- nil
		tb.Fatal(err)
	case <-time.After(time.Minute):
		tb.Fatal("the server says nothing")
	}
	return addr, stop
}
