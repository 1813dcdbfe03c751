package account

import (
	"sync"
	"time"
)

// hashQueue is how many wait for the hasher: about a second of them.
const hashQueue = 16

// A hasher lets one caller at a time hash passwords, so that hashing never takes
// more than one processor and 19 MiB (128 MiB for an imported hash), however many
// sign in. After each hash it rests for as long as that took: a flood of wrong
// passwords gets half of one processor, and the visitors' pages the others. A
// single caller has the answer before the rest begins.
type hasher struct {
	queue chan struct{} // those who wait
	turn  chan struct{} // the one who hashes, and then the rest
	stop  chan struct{} // closed by close

	mu     sync.Mutex // held while hashing; protects closed
	closed bool
}

func newHasher() *hasher {
	return &hasher{queue: make(chan struct{}, hashQueue), turn: make(chan struct{}, 1), stop: make(chan struct{})}
}

// do runs f when it is its turn. With ErrBusy or ErrClosed f was not run.
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

// close waits for the hash that is under way; those who wait get ErrClosed.
func (h *hasher) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.stop)
	}
}
