package account

import (
	"sync"
	"time"
)

// hashQueue is how many callers may wait for the hasher: about a second.
const hashQueue = 16

// A hasher lets one caller at a time hash passwords. This bounds hashing to one processor
// and 19 MiB (128 MiB for an imported hash), however many people sign in. After each hash
// it rests for as long as the hash took, so a flood of wrong passwords takes half of one
// processor, and the visitors' pages have the rest. A single caller has the answer
// before the rest begins.
type hasher struct {
	queue chan struct{} // one element for each waiting caller
	turn  chan struct{} // full while a caller hashes, and during the rest
	stop  chan struct{} // closed by close

	mu     sync.Mutex // held while hashing; protects closed
	closed bool
}

func newHasher() *hasher {
	return &hasher{queue: make(chan struct{}, hashQueue), turn: make(chan struct{}, 1), stop: make(chan struct{})}
}

// do waits for its turn and runs f. After ErrBusy or ErrClosed f has not run.
func (h *hasher) do(f func()) error {
	select {
	case h.queue <- struct{}{}:
	default:
		return ErrBusy
	}
	select {
	case h.turn <- struct{}{}:
	case <-h.stop:
	}
	<-h.queue
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return ErrClosed
	}
	begin := time.Now()
	defer func() { time.AfterFunc(time.Since(begin), func() { <-h.turn }) }()
	f()
	return nil
}

// close waits for the running hash. Waiting callers get ErrClosed.
func (h *hasher) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.stop)
	}
}
