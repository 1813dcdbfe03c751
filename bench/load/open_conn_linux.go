package load

import (
	"fmt"
	"net/url"
	"time"
)

// An openConn is what the loop knows of a connection. It is busy with a request,
// or once in the queue of the idle ones; one that is not open is opened by the
// next request that takes it.
type openConn struct {
	busy  bool
	open  bool
	due   time.Duration
	freed time.Duration // when it became idle
	id    string        // of its request
	in    []byte        // what came of the answer
}

// spare is where the next bytes of an answer go, never empty. What is longer
// than an answer can be is malformed before our memory runs out.
func (c *openConn) spare() []byte {
	if len(c.in) == cap(c.in) {
		c.in = append(c.in, make([]byte, max(4<<10, len(c.in)))...)[:len(c.in)]
	}
	return c.in[len(c.in):cap(c.in)]
}

// connectTries is how often each connection is tried before the load: each
// try is short, for the sake of those within it, and the machine may be busy.
const connectTries = 20

// connectAll opens the connections; a server that takes none is an error.
func (o *openLoop) connectAll() error {
	for i := range o.conns {
		err := o.connect(i)
		for try := 1; err != nil && try < connectTries; try++ {
			err = o.connect(i)
		}
		if err != nil {
			return fmt.Errorf("connect for the open loop: %w", err)
		}
		o.conns[i].in = make([]byte, 0, 8<<10)
		o.idle <- i
	}
	return nil
}

// connect opens a connection that is not open.
func (o *openLoop) connect(i int) error {
	c := &o.conns[i]
	if c.open {
		return nil
	}
	err := o.wires.connect(i)
	c.open = err == nil
	return err
}

// release makes a connection idle, and closes it where it cannot be used again.
func (o *openLoop) release(i int, closing bool, now time.Duration) {
	c := &o.conns[i]
	if closing {
		o.wires.drop(i)
		c.open = false
	}
	if c.busy {
		c.busy, c.freed = false, now
		o.idle <- i // has room for all
	}
}

// breakOff ends a connection that cannot be used. With a request on it that is an
// error. It is opened again by a request only: a server that just hangs up must
// not keep the client busy.
func (o *openLoop) breakOff(i int, now time.Duration) {
	if o.conns[i].busy {
		o.fail(1)
	}
	o.release(i, true, now)
}

// requestBytes are requests as they go over the wire. The slices that it
// returns are overwritten by the next call.
type requestBytes struct {
	start   string // up to the id
	request []byte
	cookie  []byte
}

func newRequestBytes(uri string) (requestBytes, error) {
	target, err := url.Parse(uri)
	if err != nil || target.Host == "" {
		return requestBytes{}, fmt.Errorf("load: %q is not like http://127.0.0.1:8000/get/", uri)
	}
	return requestBytes{start: "GET " + target.RequestURI() + " HTTP/1.1\r\nHost: " + target.Host + "\r\n"}, nil
}

// with is the request for that id, or for none.
func (r *requestBytes) with(id string) []byte {
	r.request = append(r.request[:0], r.start...)
	if id != "" {
		r.request = append(r.request, "Cookie: "+CookieName+"="...)
		r.request = append(append(r.request, id...), "\r\n"...)
	}
	r.request = append(r.request, "\r\n"...)
	return r.request
}

// wanted is what a good Set-Cookie begins with.
func (r *requestBytes) wanted(id string) []byte {
	r.cookie = append(append(r.cookie[:0], CookieName+"="...), id...)
	return r.cookie
}
