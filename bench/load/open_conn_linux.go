package load

import (
	"fmt"
	"net/url"
	"time"
)

// An openConn is what the loop knows of a connection.
type openConn struct {
	busy   bool // with a request
	down   bool // not open; opened with the chores
	queued bool // among the idle
	due    time.Duration
	sent   time.Duration
	freed  time.Duration // when it became idle
	id     string        // of its request
	in     []byte        // what came of the answer
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
		err := o.wires.connect(i)
		for try := 1; err != nil && try < connectTries; try++ {
			err = o.wires.connect(i)
		}
		if err != nil {
			return fmt.Errorf("connect for the open loop: %w", err)
		}
		o.conns[i].in = make([]byte, 0, 8<<10)
		o.queue(i)
	}
	return nil
}

// takeIdle returns the connection that is idle for longest.
func (o *openLoop) takeIdle() (i int, ok bool) {
	for {
		select {
		case i := <-o.idle:
			o.conns[i].queued = false
			if !o.conns[i].down {
				return i, true
			}
		default:
			return 0, false
		}
	}
}

// queue makes a connection the last of the idle ones. The channel has room
// for all of them, once each.
func (o *openLoop) queue(i int) {
	if !o.conns[i].queued {
		o.conns[i].queued = true
		o.idle <- i
	}
}

// release makes a connection idle, or a new one where the server ends it.
func (o *openLoop) release(i int, closing bool, now time.Duration) {
	c := &o.conns[i]
	c.busy, c.freed = false, now
	if closing {
		o.wires.drop(i)
		o.reopen(i)
		return
	}
	o.queue(i)
}

// breakOff ends a connection that cannot be used. With a request on it that
// is an error, and there is a new one at once, as often as the pace has it.
// One that was idle waits for the chores: a server that only hangs up must
// not keep us busy.
func (o *openLoop) breakOff(i int) {
	c := &o.conns[i]
	o.wires.drop(i)
	c.down = true
	if c.busy {
		c.busy = false
		o.fail(1)
		o.reopen(i)
	}
}

// reopen tries once to open a connection that is not.
func (o *openLoop) reopen(i int) {
	c := &o.conns[i]
	c.down = o.wires.connect(i) != nil
	if !c.down {
		c.freed = o.clock()
		o.queue(i)
	}
}

// choresEvery is how often connections are looked after.
const choresEvery = 100 * time.Millisecond

// doChores opens what is down, and gives up what is not answered.
func (o *openLoop) doChores(now time.Duration) {
	if now-o.chores < choresEvery {
		return
	}
	o.chores = now
	for i := range o.conns {
		c := &o.conns[i]
		switch {
		case c.down:
			o.reopen(i)
		case c.busy && now-c.sent > AnswerTimeout:
			o.breakOff(i)
		}
	}
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
