package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// connections has all open connections. It does three things that the engine leaves out:
// it answers 503 beyond the limit, bounds how long a stop waits for clients, and cuts
// the connections that remain.
//
// The engine's own shutdown waits the whole read timeout for a connection without a
// complete request, such as one that a browser opens in advance. It also closes idle
// connections from another goroutine, which loses the answer to a request that arrives
// at that moment. Here draining only moves read deadlines, and the goroutine that serves
// a connection ends it between two requests.
type connections struct {
	Limits
	networkOf func(net.Addr) netip.Addr // see Config.Network
	log       *slog.Logger

	drainBy atomic.Pointer[time.Time] // end of all reads; nil while serving

	handshakes    context.Context // done at the end of all reads
	endHandshakes func()

	mu        sync.Mutex // protects the fields below
	serving   census     // for requests
	streams   census     // whose answer goes on, see Push; counted apart
	listeners []*listener
	empty     chan struct{} // made by drain, closed when no connection is serving
	quiet     chan struct{} // the same for streams
	last      chan struct{} // made by awaitLast; as empty
	refused   Stats         // only the counts of what was refused
}

func newConnections(l Limits, networkOf func(net.Addr) netip.Addr, log *slog.Logger) *connections {
	cs := &connections{Limits: l, networkOf: networkOf, log: log, serving: newCensus(), streams: newCensus()}
	cs.handshakes, cs.endHandshakes = context.WithCancel(context.Background())
	return cs
}

// listen wraps ln to count its connections, which speak TLS if secure is not nil. It
// returns nil when draining.
func (cs *connections) listen(ln net.Listener, secure *tls.Config) *listener {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.empty != nil {
		return nil
	}
	l := &listener{Listener: ln, secure: secure, conns: cs, closed: make(chan struct{}), retired: make(chan struct{})}
	cs.listeners = append(cs.listeners, l)
	return l
}

// add counts c, which was just accepted. If there is no room even to read a request, it
// returns nil and the answer to send instead.
func (cs *connections) add(c net.Conn) (counted *conn, refusal string) {
	var network netip.Addr
	if cs.networkOf != nil && cs.ForNetwork > 0 {
		network = cs.networkOf(c.RemoteAddr())
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	switch {
	case len(cs.serving.all) >= cs.Connections+cs.Overflow:
		cs.refused.Refused++
		return nil, tooBusy
	case cs.serving.isFull(network, cs.ForNetwork):
		cs.refused.RefusedOfNetwork++
		return nil, tooMany
	}
	counted = &conn{
		Conn: c, conns: cs, network: network, surplus: len(cs.serving.all) >= cs.Connections,
		readStep: stepOf(min(cs.Read, cs.Idle)), writeStep: stepOf(cs.Write),
		watch: watch{buffer: cs.Header, fresh: true},
	}
	if counted.surplus {
		cs.refused.Refused++
	}
	cs.serving.add(counted)
	return counted, ""
}

func (cs *connections) remove(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if !cs.streams.remove(c) {
		cs.serving.remove(c)
	}
	cs.noticeEmpty()
}

// detach counts c as a stream of a network from now on. The error says why it cannot.
func (cs *connections) detach(c *conn, network netip.Addr) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	switch {
	case cs.empty != nil:
		return ErrNoPlace
	case len(cs.streams.all) >= cs.Streams:
		cs.refused.StreamsRefused++
		return ErrNoPlace
	case cs.streams.isFull(network, cs.ForNetwork):
		cs.refused.StreamsRefusedOfNetwork++
		return ErrNetworkFull
	}
	cs.serving.remove(c)
	c.network = network
	cs.streams.add(c)
	return nil
}

// open returns the number of connections, without streams.
func (cs *connections) open() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.serving.all)
}

// drain closes the listeners, ends all streams, and all reads by the given time.
func (cs *connections) drain(by time.Time) {
	cs.drainBy.CompareAndSwap(nil, &by)
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.empty == nil {
		cs.empty, cs.quiet = make(chan struct{}), make(chan struct{})
		time.AfterFunc(time.Until(by), cs.endHandshakes) // one may wait for something else than its client
	}
	for _, l := range cs.listeners {
		_ = l.Close() // the engine closes it again and reports the error
	}
	for c := range cs.serving.all {
		_ = c.hurry(*cs.drainBy.Load()) // it fails only if closed already
	}
	for c := range cs.streams.all {
		_ = errors.Join(c.Conn.SetReadDeadline(longAgo), c.Conn.SetWriteDeadline(*cs.drainBy.Load()))
	}
	cs.noticeEmpty()
}

// isDraining reports whether drain was called.
func (cs *connections) isDraining() bool { return cs.drainBy.Load() != nil }

// cut closes all connections but streams, and returns their number. They stay in the count
// until the engine closes them, too.
func (cs *connections) cut() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for c := range cs.serving.all {
		_ = sever(c.Conn) // it fails only if closed already
	}
	return len(cs.serving.all)
}
