package server

import (
	"context"
	"log/slog"
	"net"
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
	log *slog.Logger

	drainBy atomic.Pointer[time.Time] // end of all reads; nil while serving

	mu        sync.Mutex // protects the fields below
	all       map[*conn]struct{}
	listeners []*listener
	empty     chan struct{} // made by drain, closed when no connection is left
}

func newConnections(l Limits, log *slog.Logger) *connections {
	return &connections{Limits: l, log: log, all: make(map[*conn]struct{})}
}

// listen wraps ln to count its connections. It returns nil when draining.
func (cs *connections) listen(ln net.Listener) *listener {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.empty != nil {
		return nil
	}
	l := &listener{Listener: ln, conns: cs, closed: make(chan struct{})}
	cs.listeners = append(cs.listeners, l)
	return l
}

// add counts c, which was just accepted. It returns nil if there is no room even for an
// answer.
func (cs *connections) add(c net.Conn) *conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if len(cs.all) >= cs.Connections+cs.Overflow {
		return nil
	}
	counted := &conn{
		Conn: c, conns: cs, surplus: len(cs.all) >= cs.Connections,
		readStep: stepOf(min(cs.Read, cs.Idle)), writeStep: stepOf(cs.Write),
	}
	cs.all[counted] = struct{}{}
	return counted
}

func (cs *connections) remove(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.all, c)
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
		_ = c.Conn.Close() // it fails only if closed already
	}
	return len(cs.all)
}
