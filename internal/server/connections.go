package server

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// connections keeps every open connection, for three things that the engine
// does not do: to say 503 in HTTP beyond the limit, to bound how long a
// stopping server waits for clients, and to cut those that do not go.
//
// The engine's own shutdown waits the read timeout for connections without a
// whole request, such as those that browsers open ahead of need. It also closes
// idle connections from another goroutine, and so loses the answer to a request
// that comes in at that moment. Here draining only moves read deadlines: the
// goroutine that serves a connection ends it, between two requests.
type connections struct {
	Limits
	log *slog.Logger

	drainBy atomic.Pointer[time.Time] // nothing is read after it; nil while serving

	mu        sync.Mutex // protects what follows
	all       map[*conn]struct{}
	listeners []*listener
	empty     chan struct{} // closed when draining and none is left
}

func newConnections(l Limits, log *slog.Logger) *connections {
	return &connections{Limits: l, log: log, all: make(map[*conn]struct{})}
}

// listen returns ln with its connections counted, or nil when draining.
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

// add counts c, which was just accepted, and returns nil when there is no
// room for it, not even to be told so.
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

// open is the number of connections.
func (cs *connections) open() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.all)
}

// drain closes the listeners and lets nothing be read after by.
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
		_ = c.hurry(*cs.drainBy.Load()) // fails on a closed one only
	}
	cs.noticeEmpty()
}

// wait returns nil when no connection is left after drain, or ctx's error.
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

// cut closes every connection under the engine's hands and returns how many.
// They are still counted until the engine lets go of them.
func (cs *connections) cut() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for c := range cs.all {
		_ = c.Conn.Close() // fails on a closed one only
	}
	return len(cs.all)
}
