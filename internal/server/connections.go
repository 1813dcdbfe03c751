package server

import (
	"context"
	"crypto/tls"
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
	all       map[*conn]struct{}
	networks  map[netip.Addr]int // connections of each
	listeners []*listener
	empty     chan struct{} // made by drain, closed when no connection is left
}

func newConnections(l Limits, networkOf func(net.Addr) netip.Addr, log *slog.Logger) *connections {
	cs := &connections{Limits: l, networkOf: networkOf, log: log, all: make(map[*conn]struct{}), networks: make(map[netip.Addr]int)}
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
	l := &listener{Listener: ln, secure: secure, conns: cs, closed: make(chan struct{})}
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
	case len(cs.all) >= cs.Connections+cs.Overflow:
		return nil, tooBusy
	case network.IsValid() && cs.networks[network] >= cs.ForNetwork:
		return nil, tooMany
	}
	counted = &conn{
		Conn: c, conns: cs, network: network, surplus: len(cs.all) >= cs.Connections,
		readStep: stepOf(min(cs.Read, cs.Idle)), writeStep: stepOf(cs.Write),
		watch: watch{buffer: cs.Header, fresh: true},
	}
	cs.all[counted] = struct{}{}
	if network.IsValid() {
		cs.networks[network]++
	}
	return counted, ""
}

func (cs *connections) remove(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.all, c)
	if cs.networks[c.network]--; cs.networks[c.network] <= 0 {
		delete(cs.networks, c.network)
	}
	cs.noticeEmpty()
}

// noticeEmpty wakes wait. The caller holds mu.
func (cs *connections) noticeEmpty() {
	if cs.empty == nil || len(cs.all) > 0 {
		return
	}
	select {
	case <-cs.empty:
	default:
		close(cs.empty)
	}
}

// open returns the number of connections.
func (cs *connections) open() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.all)
}

// drain closes the listeners and ends all reads by the given time.
func (cs *connections) drain(by time.Time) {
	cs.drainBy.CompareAndSwap(nil, &by)
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.empty == nil {
		cs.empty = make(chan struct{})
		time.AfterFunc(time.Until(by), cs.endHandshakes) // one may wait for something else than its client
	}
	for _, l := range cs.listeners {
		_ = l.Close() // the engine closes it again and reports the error
	}
	for c := range cs.all {
		_ = c.hurry(*cs.drainBy.Load()) // it fails only if closed already
	}
	cs.noticeEmpty()
}

// wait waits after drain until no connection is left. If ctx is done first, it returns
// ctx's error.
func (cs *connections) wait(ctx context.Context) error {
	select {
	case <-cs.empty:
	case <-ctx.Done():
		if cs.open() > 0 {
			return ctx.Err()
		}
	}
	return nil
}

// cut closes all connections and returns their number. They stay in the count until the
// engine closes them, too.
func (cs *connections) cut() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for c := range cs.all {
		_ = sever(c.Conn) // it fails only if closed already
	}
	return len(cs.all)
}
