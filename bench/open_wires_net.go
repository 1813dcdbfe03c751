package main

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// netWires are connections of the standard library, for systems without
// epoll: a goroutine reads each and hands over what came. It costs more, and
// its ticks are as coarse as the system's timers; the report's figures of the
// client's own lag show by how much.
//
// A reader belongs to its connection and ends when that is dropped, or with
// all of them; until then it holds at most one read that was not taken.
type netWires struct {
	addr   string
	conns  []net.Conn // nil: not open
	kept   []*netRead // what wait told of and nobody received yet
	reads  chan *netRead
	closed chan struct{}
	ticker *time.Ticker

	readers sync.WaitGroup
}

// A netRead is what one read gave. The reader goes on when it was received.
type netRead struct {
	wire  int
	conn  net.Conn // whose, for the wire may have another by now
	data  []byte
	err   error
	taken chan struct{}
}

// netConnectPatience is connectPatience on systems that may be slower.
const netConnectPatience = 100 * time.Millisecond

func newNetWires(addr string, n int, tick time.Duration) (wires, error) {
	return &netWires{
		addr:   addr,
		conns:  make([]net.Conn, n),
		kept:   make([]*netRead, n),
		reads:  make(chan *netRead, n),
		closed: make(chan struct{}),
		ticker: time.NewTicker(tick),
	}, nil
}

func (w *netWires) connect(i int) error {
	conn, err := net.DialTimeout("tcp", w.addr, netConnectPatience)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	w.conns[i] = conn
	w.readers.Go(func() { w.read(i, conn) })
	return nil
}

// read is the goroutine of a connection.
func (w *netWires) read(i int, conn net.Conn) {
	buffer := make([]byte, 16<<10)
	r := &netRead{wire: i, conn: conn, taken: make(chan struct{})}
	for r.err == nil {
		var n int
		n, r.err = conn.Read(buffer)
		r.data = buffer[:n]
		select {
		case w.reads <- r:
		case <-w.closed:
			return
		}
		select {
		case <-r.taken:
		case <-w.closed:
			return
		}
	}
}

func (w *netWires) drop(i int) {
	if w.conns[i] == nil {
		return
	}
	_ = w.conns[i].Close()
	w.conns[i] = nil
	w.take(i)
}

// take lets the reader of what was kept go on.
func (w *netWires) take(i int) {
	if r := w.kept[i]; r != nil {
		w.kept[i] = nil
		r.taken <- struct{}{}
	}
}

func (w *netWires) send(i int, p []byte) error {
	if w.conns[i] == nil {
		return net.ErrClosed
	}
	_, err := w.conns[i].Write(p)
	return err
}

func (w *netWires) receive(i int, p []byte) (int, error) {
	r := w.kept[i]
	if r == nil {
		return 0, nil
	}
	n := copy(p, r.data)
	r.data = r.data[n:]
	if len(r.data) > 0 {
		return n, nil // wait tells of the rest
	}
	err := r.err
	w.take(i)
	return n, err
}

func (w *netWires) wait(ready []int) ([]int, error) {
	for i, r := range w.kept {
		if r != nil {
			ready = append(ready, i)
		}
	}
	if len(ready) > 0 {
		return ready, nil
	}
	select {
	case r := <-w.reads:
		return w.keepAll(r, ready), nil
	case <-w.ticker.C:
		return ready, nil
	}
}

// keepAll keeps a read and all others that are there.
func (w *netWires) keepAll(r *netRead, ready []int) []int {
	for {
		if w.conns[r.wire] == r.conn {
			w.kept[r.wire] = r
			ready = append(ready, r.wire)
		} else { // dropped since
			r.taken <- struct{}{}
		}
		select {
		case r = <-w.reads:
		default:
			return ready
		}
	}
}

// close ends the readers as well.
func (w *netWires) close() {
	w.ticker.Stop()
	for i := range w.conns {
		w.drop(i)
	}
	close(w.closed)
	w.readers.Wait()
}
