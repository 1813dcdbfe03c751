package server

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// Errors of Detach. The request is not answered yet.
var (
	// ErrNoChunks is returned for a client of HTTP/1.0, and in tests without a connection.
	ErrNoChunks = errors.New("the client cannot read an answer in chunks")
	// ErrNoPlace is returned if Limits.Streams are open, or the server stops.
	ErrNoPlace = errors.New("no stream is free")
	// ErrNetworkFull is returned if Limits.ForNetwork streams of the network are open.
	ErrNetworkFull = errors.New("the network has no stream free")
)

// errGone is returned by Pause.
var errGone = errors.New("the stream has ended")

// A Push is the rest of an answer that goes on until its client leaves: server-sent events.
// There may be tens of thousands, so each has what it needs to wait, and no more: its
// connection, out of the engine with its buffers, and one goroutine with a small stack,
// which waits in a read. The read ends if the client goes, and its deadline is the time to
// send something. Wake moves the deadline, so it needs no channel and no timer.
//
// Pause and Send are for the goroutine that serves the stream. Wake is safe for concurrent
// use, also after the end.
type Push struct {
	conn   *conn
	out    []byte // the head, until the first Send
	failed error  // of a write; after it there is no other
	woken  atomic.Bool
	in     [1]byte
}

// Detach answers with the head of ctx's response, and calls serve in a goroutine of its
// own. The answer and the connection end when serve returns. The connection no longer
// counts to Limits.Connections, but to Limits.Streams, and to the streams of a network; the
// zero Addr: to none. serve must not use ctx. For a HEAD request it only sends the head.
func Detach(ctx *fasthttp.RequestCtx, network netip.Addr, serve func(*Push)) error {
	c := unwrap(ctx.Conn())
	if c == nil || !ctx.Request.Header.IsHTTP11() {
		return ErrNoChunks
	}
	if ctx.IsHead() {
		return nil
	}
	if err := c.conns.detach(c, network); err != nil {
		return err
	}
	c.endIfDead()
	ctx.HijackSetNoResponse(true) // the engine would keep its buffer for the rest
	ctx.Hijack(func(taken net.Conn) {
		h := &ctx.Response.Header
		h.SetContentLength(-1) // chunks
		h.SetConnectionClose()
		p := &Push{conn: c, out: append([]byte(nil), h.Header()...)}
		go p.run(serve) // not this goroutine, which holds ctx
	})
	return nil
}

// run serves a stream and ends it.
func (p *Push) run(serve func(*Push)) {
	defer p.conn.Close()
	defer p.recoverPanic()
	serve(p)
	_ = p.write("0\r\n\r\n") // it fails if the client has gone
}

// recoverPanic logs a panic. The answer then lacks its end.
func (p *Push) recoverPanic() {
	if r := recover(); r != nil {
		p.conn.conns.log.Error("stream panicked", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
	}
}

// Wake makes a Pause return, or the next one.
func (p *Push) Wake() {
	p.woken.Store(true)
	_ = p.conn.Conn.SetReadDeadline(longAgo) // fails if it is closed
}

// Pause returns nil after d, or earlier after Wake. An error says that the stream has ended:
// the client has gone or has sent something, or the server stops.
func (p *Push) Pause(d time.Duration) error {
	if err := p.conn.Conn.SetReadDeadline(time.Now().Add(d)); err != nil {
		return err
	}
	// Wake and drain store first and then set the deadline, so one of the two is seen.
	if p.woken.Load() || p.conn.conns.isDraining() {
		return p.resume()
	}
	if _, err := p.conn.Conn.Read(p.in[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
		return errGone
	}
	return p.resume()
}

// resume ends a pause. The caller looks next, and sees what earlier calls of Wake were for.
func (p *Push) resume() error {
	if p.conn.conns.isDraining() {
		return errGone
	}
	p.woken.Store(false)
	return nil
}

// Send sends an event, or a part of one, within Limits.Write. Events that the client has
// not read yet fill the buffers of the system first. After an error the stream has ended.
func (p *Push) Send(event string) error {
	return p.write(strconv.FormatInt(int64(len(event)), 16) + "\r\n" + event + "\r\n")
}

// write sends bytes, behind the head if that is not sent yet.
func (p *Push) write(text string) error {
	if p.failed != nil {
		return p.failed
	}
	p.failed = p.conn.Conn.SetWriteDeadline(time.Now().Add(p.conn.conns.Write))
	if by := p.conn.conns.drainBy.Load(); by != nil {
		p.failed = p.conn.Conn.SetWriteDeadline(*by)
	}
	if p.failed == nil {
		_, p.failed = p.conn.Conn.Write(append(p.out, text...))
	}
	p.out = nil
	return p.failed
}
