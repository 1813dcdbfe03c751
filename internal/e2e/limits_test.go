package e2e

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestLimits_Header(t *testing.T) {
	t.Parallel()
	s := start(t)
	huge := strings.Repeat("x", 20_000)
	for what, request := range map[string]string{
		"one header":   "GET /get/ HTTP/1.1\r\nHost: localhost\r\nX-Large: " + huge + "\r\n\r\n",
		"a cookie":     "GET /get/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=" + huge + "\r\n\r\n",
		"the address":  "GET /get/?" + huge + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"many headers": "GET /get/ HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("X-A: b\r\n", 3000) + "\r\n",
		"a method":     huge + " /get/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"no end":       "GET /get/ HTTP/1.1\r\nHost: localhost\r\nX-Large: " + huge,
	} {
		r := s.raw(t, request)
		r.page(t, http.StatusRequestHeaderFieldsTooLarge, "Headers too large")
		r.silent(t, what)
		if !r.Close {
			t.Errorf("%s too large: the connection is kept", what)
		}
	}
	if r := s.get("/get/", cookie(strings.Repeat("A", 7500))); r.StatusCode != http.StatusOK {
		t.Errorf("a cookie of 7.5 KB = %d; want 200, it is within the limit", r.StatusCode)
	}
}

func TestLimits_Body(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	head := "POST /set/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=" + id + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	large := "name=" + strings.Repeat("x", 256<<10)
	before := s.look(id)
	for what, request := range map[string]string{
		"body":           head + "Content-Length: " + strconv.Itoa(len(large)) + "\r\n\r\n" + large,
		"chunked body":   head + "Transfer-Encoding: chunked\r\n\r\n" + strconv.FormatInt(int64(len(large)), 16) + "\r\n" + large + "\r\n0\r\n\r\n",
		"many chunks":    head + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat("x", 0x1000)+"\r\n", 64) + "0\r\n\r\n",
		"announced body": head + "Content-Length: 999999999999\r\n\r\n",
		"GET's body":     "GET /get/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=" + id + "\r\nContent-Length: " + strconv.Itoa(len(large)) + "\r\n\r\n" + large,
	} {
		r := s.raw(t, request)
		r.page(t, http.StatusRequestEntityTooLarge, "Too large")
		r.silent(t, what)
		sameSession(t, what, before, s.look(id))
	}
	// As much as may come is read, and then found to be no name.
	s.post("/set/", form("name", strings.Repeat("x", 15_000))).page(t, http.StatusBadRequest, "That name cannot be used")
	s.get("/get/", cookie(id)).page(t, http.StatusOK, getTitle)
}

// Whoever waits to be asked for its body is refused before it has sent it.
func TestLimits_ExpectContinue(t *testing.T) {
	t.Parallel()
	s := start(t)
	c := s.dial(t)
	_, _ = io.WriteString(c, "POST /set/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		if r.StatusCode == http.StatusContinue {
			continue // it has not looked at the length yet
		}
		if r.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("Expect: 100-continue with a large body = %d; want 413", r.StatusCode)
		}
		return
	}
}

// What two programs could read differently is not read at all.
func TestLimits_AmbiguousRequests(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, lines := range []string{
		"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
		"Content-Length : 5\r\n",
		"Transfer-Encoding : chunked\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
		"Content-Length: 3\r\nContent-Length: 4\r\n",
		"Content-Length: -1\r\n",
		"Content-Length: +3\r\n",
		"Content-Length: 0x3\r\n",
		"Content-Length: 3 3\r\n",
		"Transfer-Encoding: xchunked\r\n",
		"X-Folded: a\r\n b\r\n",
		"NoColon\r\n",
	} {
		r := s.raw(t, "POST /set/ HTTP/1.1\r\nHost: localhost\r\n"+lines+"\r\n0\r\n\r\n")
		if r.StatusCode != http.StatusBadRequest {
			t.Errorf("%q = %d; want 400", lines, r.StatusCode)
		}
		r.silent(t, lines)
		if !r.Close {
			t.Errorf("%q: the connection is kept, and what follows is read as a request", lines)
		}
	}
}
