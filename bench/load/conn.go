package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// A Conn is one connection to a server. It is not safe for concurrent use.
type Conn struct {
	Answer fasthttp.Response // of the last request, valid until the next
	http   *fasthttp.HostClient
	base   string // http://127.0.0.1:PORT
	path   string // of the last request
	req    fasthttp.Request
	want   []byte // what a good Set-Cookie begins with
}

// scheme begins the address of every server.
const scheme = "http://"

// Dial prepares a connection to the host of an address, http://127.0.0.1:PORT/path/. The
// first request opens it. Each failed request is an error, for the caller to count.
func Dial(address string) *Conn {
	host, _, _ := strings.Cut(strings.TrimPrefix(address, scheme), "/")
	return &Conn{base: scheme + host, http: &fasthttp.HostClient{
		Addr: host, MaxConns: 1, MaxIdemponentCallAttempts: 1,
		ReadTimeout: AnswerTimeout, WriteTimeout: AnswerTimeout, NoDefaultUserAgentHeader: true,
	}}
}

// Close closes the connection.
func (c *Conn) Close() { c.http.CloseIdleConnections() }

// Get requests a path with that id, without a cookie for "", and returns how long the answer
// took.
func (c *Conn) Get(path, id string) (time.Duration, error) {
	return c.Do(fasthttp.MethodGet, path, id)
}

// Do is Get with any method, and an empty body.
func (c *Conn) Do(method, path, id string) (time.Duration, error) {
	c.req.Header.SetMethod(method)
	if path != c.path {
		c.path = path
		c.req.SetRequestURI(c.base + path)
	}
	c.want = append(append(c.want[:0], CookieName+"="...), id...)
	if id != "" {
		c.req.Header.SetCookie(CookieName, id)
	} else {
		c.req.Header.DelAllCookies()
	}
	began := time.Now()
	err := c.http.Do(&c.req, &c.Answer)
	took := time.Since(began)
	if err != nil {
		time.Sleep(5 * time.Millisecond) // a client whose server is gone leaves the core to others
	}
	return took, err
}

// Sizes returns how many bytes of HTTP the last request and its answer had.
func (c *Conn) Sizes() (sent, received int) {
	return len(c.req.Header.Header()), len(c.Answer.Header.Header()) + len(c.Answer.Body())
}

// Judge returns the verdict on the last answer. A cookie with another id is Wrong.
func (c *Conn) Judge(e Expectation) Verdict {
	return e.Judge(c.Answer.StatusCode(), c.Answer.Body(), c.cookie(), c.want)
}

// cookie returns the session's Set-Cookie header of the last answer.
func (c *Conn) cookie() []byte { return c.Answer.Header.PeekCookie(CookieName) }

// SessionID returns a copy of the id in the last answer's cookie, "" without one.
func (c *Conn) SessionID() string { return cookieValue(c.cookie()) }

// cookieValue returns a copy of the value in "name=value; attributes", or "".
func cookieValue(cookie []byte) string {
	pair, _, _ := bytes.Cut(cookie, []byte(";"))
	_, value, _ := bytes.Cut(pair, []byte("="))
	return strings.Trim(string(value), `" `)
}

// Create creates a session and returns its id.
func (c *Conn) Create() (string, error) {
	if _, err := c.Get("/set/", ""); err != nil {
		return "", err
	}
	id := c.SessionID()
	if c.Answer.StatusCode() != fasthttp.StatusOK || id == "" {
		return "", fmt.Errorf("create a session: %s/set/ answered %d without one", c.base, c.Answer.StatusCode())
	}
	return id, nil
}

// VisitorName is the name in every session, as in the original.
const VisitorName = "Sonam"

// The states in the product's answer to GET /session/.
const (
	StateLive  = "live"
	StateEnded = "ended"
	StateNone  = "none"
)

// KnownState returns the state of a session by the product's answer. One that has ended
// without a reason is one that the server does not know: none.
func KnownState(state, reason string) string {
	if state == StateEnded && reason == "" {
		return StateNone
	}
	return state
}

// Peek returns a session's state, and leaves its deadline as it is.
func (c *Conn) Peek(id string) (string, error) {
	if _, err := c.Get("/session/", id); err != nil {
		return "", fmt.Errorf("peek at a session: %w", err)
	}
	return c.State()
}

// State returns the state in an answer of GET /session/. A wrong name or a cookie is an
// error.
func (c *Conn) State() (string, error) {
	var got struct{ State, Reason, Name string }
	err := json.Unmarshal(c.Answer.Body(), &got)
	got.State = KnownState(got.State, got.Reason)
	switch {
	case c.Answer.StatusCode() != fasthttp.StatusOK || err != nil:
		return "", fmt.Errorf("peek answered %d: %.200q", c.Answer.StatusCode(), c.Answer.Body())
	case len(c.cookie()) > 0:
		return "", errors.New("peek set a cookie")
	case got.State == StateLive && got.Name == VisitorName, got.State == StateEnded, got.State == StateNone:
		return got.State, nil
	default:
		return "", fmt.Errorf("peek answered state %q of %q", got.State, got.Name)
	}
}
