package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// newTransport is a client that follows no redirect, keeps no cookie and asks
// for no compression: what a test sees is what was sent.
func newTransport() *http.Transport {
	return &http.Transport{DisableCompression: true, ResponseHeaderTimeout: patience, MaxIdleConnsPerHost: 64}
}

// A reply is one answer, read whole.
type reply struct {
	*http.Response
	body      string
	sent, got time.Time // around the exchange
}

// An option changes a request before it is sent.
type option func(*http.Request)

func header(name, value string) option {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

// cookie sends the session cookie with that value; none when it is empty.
func cookie(id string) option {
	if id == "" {
		return func(*http.Request) {}
	}
	return header("Cookie", "sessionid="+id)
}

// form sends fields given as name, value, name, value.
func form(fields ...string) option {
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return body("application/x-www-form-urlencoded", values.Encode())
}

func body(kind, content string) option {
	return func(r *http.Request) {
		r.Header.Set("Content-Type", kind)
		r.Body = io.NopCloser(strings.NewReader(content))
		r.ContentLength = int64(len(content))
	}
}

func (s *server) get(path string, opts ...option) *reply {
	s.t.Helper()
	return s.do("GET", path, opts...)
}

func (s *server) post(path string, opts ...option) *reply {
	s.t.Helper()
	return s.do("POST", path, opts...)
}

// do sends one request. It may be called from any goroutine that the test
// waits for.
func (s *server) do(method, path string, opts ...option) *reply {
	s.t.Helper()
	r, err := s.try(method, path, opts...)
	if err != nil {
		s.t.Errorf("%s %s: %v", method, path, err)
		return &reply{Response: &http.Response{Header: http.Header{}}}
	}
	return r
}

// try is do for requests that may fail.
func (s *server) try(method, path string, opts ...option) (*reply, error) {
	req, err := http.NewRequest(method, s.url+path, nil)
	if err != nil {
		return nil, err
	}
	for _, opt := range opts {
		opt(req)
	}
	r := &reply{sent: time.Now()}
	if r.Response, err = s.client.RoundTrip(req); err != nil {
		return nil, err
	}
	return r, r.read()
}

func (r *reply) read() error {
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	r.body, r.got = string(b), time.Now()
	for _, id := range anID.FindAllString(strings.Join(r.Header["Set-Cookie"], "\n"), -1) {
		issued.Store(id, true)
	}
	return err
}

// raw writes bytes on a connection of its own, a little slower than a server
// that refuses early, and reads one answer.
func (s *server) raw(t *testing.T, request string) *reply {
	t.Helper()
	c := s.dial(t)
	r := &reply{sent: time.Now()}
	_, _ = io.WriteString(c, request) // a refusal may come before all is written
	return r.receive(t, c, request)
}

// dial opens a connection until the test ends.
func (s *server) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatalf("Dial(%s) = %v", s.addr, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

func (r *reply) receive(t *testing.T, c net.Conn, request string) *reply {
	t.Helper()
	method, _, _ := strings.Cut(request, " ")
	var err error
	if r.Response, err = http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method}); err == nil {
		err = r.read()
	}
	if err != nil {
		t.Fatalf("answer to %.60q: %v", request, err)
	}
	return r
}

// anID is the form of an id; issued are those that any server gave out.
var (
	anID   = regexp.MustCompile(`[A-Z2-7]{26}`)
	issued sync.Map
)

// issuedIn returns an issued id that stands in b, or nothing.
func issuedIn(b []byte) string {
	for _, id := range anID.FindAll(b, -1) {
		if _, ok := issued.Load(string(id)); ok {
			return string(id)
		}
	}
	return ""
}
