package testkit

import (
	"net/http"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// Patience is how long a test waits for an event that should come at once. It is long
// because tests share the machine. Tests of a promise in seconds use that time instead.
const Patience = 20 * time.Second

// A Client sends requests for one test. Without a Jar it is safe for concurrent use by
// goroutines that the test waits for.
type Client struct {
	T        testing.TB
	URL      string            // goes before each path, for example http://127.0.0.1:8000
	Carrier  http.RoundTripper // what takes a request to its answer
	Jar      map[string]string // cookies by name; nil keeps and sends none
	Defaults []Option          // added to each request, before its own
	OnReply  func(*Reply)      // sees each answer first; nil is nothing
}

// At returns a client for a server at url, without a jar. Its connections
// close with the test.
func At(t testing.TB, url string) *Client {
	carrier := &http.Transport{DisableCompression: true, ResponseHeaderTimeout: Patience, MaxIdleConnsPerHost: 64}
	t.Cleanup(carrier.CloseIdleConnections)
	return &Client{T: t, URL: url, Carrier: carrier}
}

// To returns a client, without a jar, that calls handler in this process. Its requests
// are for the host localhost and come from 127.0.0.1. It sends a path unchanged, also an
// invalid one.
func To(t testing.TB, handler fasthttp.RequestHandler) *Client {
	return &Client{T: t, Carrier: &inProcess{handler: handler}}
}

// Get sends a GET request.
func (c *Client) Get(path string, opts ...Option) *Reply {
	c.T.Helper()
	return c.Do("GET", path, opts...)
}

// Post sends a POST request with the body of an option, for example a [Form].
func (c *Client) Post(path string, opts ...Option) *Reply {
	c.T.Helper()
	return c.Do("POST", path, opts...)
}

// Do sends one request. Without an answer it fails the test and returns a Reply with
// status 0.
func (c *Client) Do(method, path string, opts ...Option) *Reply {
	c.T.Helper()
	r, err := c.Try(method, path, opts...)
	if err != nil {
		return noReply(c.T, method+" "+path, err)
	}
	return r
}

// Try is Do, but returns the error instead of failing the test.
func (c *Client) Try(method, path string, opts ...Option) (*Reply, error) {
	req, err := c.request(method, path)
	if err != nil {
		return nil, err
	}
	for name, value := range c.Jar {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, opt := range append(c.Defaults[:len(c.Defaults):len(c.Defaults)], opts...) {
		opt(req)
	}
	sent := time.Now()
	res, err := c.Carrier.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	c.keep(res.Cookies())
	return c.seen(newReply(c.T, method+" "+path, sent, res))
}

// CloseIdleConnections closes the connections that are kept for later requests.
func (c *Client) CloseIdleConnections() {
	if carrier, ok := c.Carrier.(interface{ CloseIdleConnections() }); ok {
		carrier.CloseIdleConnections()
	}
}

func (c *Client) request(method, path string) (*http.Request, error) {
	if c.URL != "" {
		return http.NewRequest(method, c.URL+path, nil)
	}
	req, err := http.NewRequest(method, "http://localhost/", nil)
	if err == nil {
		req.RequestURI = path
	}
	return req, err
}

// keep adds cookies to the jar, and removes those that the server deletes.
func (c *Client) keep(cookies []*http.Cookie) {
	if c.Jar == nil {
		return
	}
	for _, cookie := range cookies {
		if cookie.MaxAge < 0 {
			delete(c.Jar, cookie.Name)
			continue
		}
		c.Jar[cookie.Name] = cookie.Value
	}
}

func (c *Client) seen(r *Reply, err error) (*Reply, error) {
	if err == nil && c.OnReply != nil {
		c.OnReply(r)
	}
	return r, err
}
