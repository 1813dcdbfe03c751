package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// A Conn is one connection to a server, with one request at a time. It is for
// one goroutine. What it says of an answer holds until the next request.
type Conn struct {
	http *fasthttp.HostClient
	base string // http://127.0.0.1:PORT
	path string // of the last request
	req  fasthttp.Request
	resp fasthttp.Response
	want []byte // what a good Set-Cookie begins with
}

// Dial prepares a connection; it is opened by the first request. It asks once
// only: a request that failed is to be counted, not hidden.
func Dial(base string) (*Conn, error) {
	target, err := url.Parse(base)
	if err != nil || target.Scheme != "http" || target.Host == "" {
		return nil, fmt.Errorf("connect: %q is not like http://127.0.0.1:8000", base)
	}
	return &Conn{base: "http://" + target.Host, http: &fasthttp.HostClient{
		Addr: target.Host, MaxConns: 1, MaxIdemponentCallAttempts: 1,
		ReadTimeout: AnswerTimeout, WriteTimeout: AnswerTimeout, NoDefaultUserAgentHeader: true,
	}}, nil
}

// Close closes the connection.
func (c *Conn) Close() { c.http.CloseIdleConnections() }

// Get asks for a path with that id, or without a cookie.
func (c *Conn) Get(path, id string) (time.Duration, error) {
	return c.do(fasthttp.MethodGet, path, id)
}

// Post is the same with the other method, and nothing in the body.
func (c *Conn) Post(path, id string) (time.Duration, error) {
	return c.do(fasthttp.MethodPost, path, id)
}

func (c *Conn) do(method, path, id string) (time.Duration, error) {
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
	err := c.http.Do(&c.req, &c.resp)
	took := time.Since(began)
	if err != nil {
		time.Sleep(5 * time.Millisecond) // a dead server must not cost the client a core
	}
	return took, err
}

// Status is that of the last answer.
func (c *Conn) Status() int { return c.resp.StatusCode() }

// Body is that of the last answer.
func (c *Conn) Body() []byte { return c.resp.Body() }

// Header is a field of the last answer, "" where it has none.
func (c *Conn) Header(name string) string { return string(c.resp.Header.Peek(name)) }

// Raw is the last answer as it comes over the wire.
func (c *Conn) Raw() ([]byte, error) {
	var raw bytes.Buffer
	_, err := c.resp.WriteTo(&raw)
	return raw.Bytes(), err
}

// Judge sorts the last answer. It knows which request it belongs to: another
// id than the one that was sent is wrong.
func (c *Conn) Judge(e Expectation) Verdict {
	return e.Judge(c.Status(), c.Body(), c.resp.Header.PeekCookie(CookieName), c.want)
}

// SessionID is a copy of the id in the last answer's cookie, "" without one.
func (c *Conn) SessionID() string { return cookieValue(c.resp.Header.PeekCookie(CookieName)) }

// cookieValue copies the value out of "name=value; attributes"; a missing or
// quoted-empty one is "".
func cookieValue(cookie []byte) string {
	pair, _, _ := bytes.Cut(cookie, []byte(";"))
	_, value, _ := bytes.Cut(pair, []byte("="))
	return strings.Trim(string(value), `" `)
}

// Create asks for a session and returns its id.
func (c *Conn) Create() (string, error) {
	if _, err := c.Get("/set/", ""); err != nil {
		return "", err
	}
	id := c.SessionID()
	if c.Status() != fasthttp.StatusOK || id == "" {
		return "", fmt.Errorf("%s/set/ answered %d without a session", c.base, c.Status())
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

// Peek asks for a session's state without refreshing it.
func (c *Conn) Peek(id string) (string, error) {
	if _, err := c.Get("/session/", id); err != nil {
		return "", fmt.Errorf("peek at a session: %w", err)
	}
	return c.State()
}

// State judges an answer of GET /session/: anything but one of the three
// states, the right name in a live one and no cookie, is an error.
func (c *Conn) State() (string, error) {
	var got struct{ State, Name string }
	if err := json.Unmarshal(c.Body(), &got); c.Status() != fasthttp.StatusOK || err != nil {
		return "", fmt.Errorf("peek answered %d: %.200q", c.Status(), c.Body())
	}
	if len(c.resp.Header.PeekCookie(CookieName)) > 0 {
		return "", fmt.Errorf("peek set a cookie")
	}
	switch {
	case got.State == StateLive && got.Name == VisitorName, got.State == StateEnded, got.State == StateNone:
		return got.State, nil
	default:
		return "", fmt.Errorf("peek answered state %q of %q", got.State, got.Name)
	}
}
