package load

import (
	"time"

	"github.com/valyala/fasthttp"
)

// DialWithin is Dial for a client that waits longer or shorter for an answer than
// AnswerTimeout.
func DialWithin(address string, timeout time.Duration) *Conn {
	c := Dial(address)
	c.http.ReadTimeout, c.http.WriteTimeout = timeout, timeout
	return c
}

// Post sends a body of that content type with that id, or without a cookie.
func (c *Conn) Post(path, id, contentType string, body []byte) (time.Duration, error) {
	c.req.Header.SetContentType(contentType)
	c.req.SetBody(body)
	defer func() {
		c.req.ResetBody()
		c.req.Header.SetContentType("")
	}()
	return c.Do(fasthttp.MethodPost, path, id)
}
