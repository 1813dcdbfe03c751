package server_test

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/nginx"

	"github.com/valyala/fasthttp"
)

// requestsSeen is what handlers saw of the requests on a connection.
type requestsSeen struct {
	mu   sync.Mutex // protects list
	list []string
}

func (s *requestsSeen) add(method, target, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, method+" "+target+" "+body)
}

// take returns the list and empties it.
func (s *requestsSeen) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.list
	s.list = nil
	return list
}

// strictGo is Go's server. A body that cannot be read is refused, too.
func strictGo(t *testing.T) (addr string, seen *requestsSeen) {
	seen = &requestsSeen{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		seen.add(r.Method, r.RequestURI, string(body))
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), seen
}

// proxying is nginx as a proxy, so that it reads whole bodies before it answers. The server
// behind it is its own.
const proxying = `server {
	listen ADDRESS;
	proxy_ignore_client_abort on;
	location / { proxy_pass http://unix:backend.sock; }
}
server { listen unix:backend.sock; location / { return 200; } }`

// accepting is the server with a handler that accepts every request.
func accepting(t *testing.T) (addr string, seen *requestsSeen) {
	seen = &requestsSeen{}
	r := start(t, config())
	r.Ready(func(ctx *fasthttp.RequestCtx) {
		seen.add(string(ctx.Method()), string(ctx.Request.Header.RequestURI()), string(ctx.PostBody()))
	})
	return r.addr, seen
}

// answersTo sends raw, with no more to come, and returns the statuses of all answers.
func answersTo(t *testing.T, addr, raw string) []int {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(testkit.Patience))
	_, _ = io.WriteString(c, raw) // a server may refuse before the end
	_ = c.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(c)
	if err, ok := err.(net.Error); ok && err.Timeout() {
		t.Errorf("%s: no end within %v of the answer to\n%q", addr, testkit.Patience, raw)
	}
	return statusesIn(answer)
}

var statusLine = regexp.MustCompile(`(?m)^HTTP/1\.[01] (\d\d\d)`)

func statusesIn(answers []byte) (all []int) {
	for _, m := range statusLine.FindAllSubmatch(answers, -1) {
		if code, _ := strconv.Atoi(string(m[1])); code != http.StatusContinue {
			all = append(all, code)
		}
	}
	return all
}

// accepted reports whether the first request got to a handler.
func accepted(statuses []int) bool {
	return len(statuses) > 0 && (statuses[0] < 400 || statuses[0] == 404 || statuses[0] == 405)
}

// The server accepts no request that both Go's server and nginx refuse; and the request
// behind one begins where Go's server takes it to begin.
func TestServer_StricterThanGoOrNginx(t *testing.T) {
	const next = "GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
	nginxAddr := nginx.Start(t, nginx.Config{HTTP: proxying})
	goAddr, goSaw := strictGo(t)
	addr, saw := accepting(t)
	all := rawRequests(400)
	slices.Sort(all)
	all = slices.Compact(all)
	counts := map[string]int{}
	for _, raw := range all {
		own, others := accepted(answersTo(t, addr, raw)), []bool{accepted(answersTo(t, goAddr, raw)), accepted(answersTo(t, nginxAddr, raw))}
		if own && !slices.Contains(others, true) {
			t.Errorf("accepted what Go and nginx refuse:\n%q", raw)
		}
		counts["own "+strconv.FormatBool(own)+", Go "+strconv.FormatBool(others[0])+", nginx "+strconv.FormatBool(others[1])]++
		saw.take()
		goSaw.take()
		answersTo(t, addr, raw+next)
		answersTo(t, goAddr, raw+next)
		got, want := saw.take(), goSaw.take()
		if own && others[0] && !isPrefix(got, want) {
			t.Errorf("requests seen: %q; Go sees %q, of\n%q", got, want, raw+next)
		}
		if n := bytes.Count([]byte(strings.Join(got, "\n")), []byte("/second")); own && n > 1 {
			t.Errorf("requests seen: %q; want the second once, of\n%q", got, raw+next)
		}
	}
	t.Logf("%d requests: %v", len(all), counts)
	if len(all) < 1000 {
		t.Errorf("%d requests; want at least 1000", len(all))
	}
}

// isPrefix reports whether list begins with part.
func isPrefix(part, list []string) bool {
	return len(part) <= len(list) && slices.Equal(part, list[:len(part)])
}
