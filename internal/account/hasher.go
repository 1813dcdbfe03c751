package account

import (
	"sync"
	"time"
)

// hashQueue is how many wait for the hasher: about a second of them.
const hashQueue = 16

// A hasher does what is dear with passwords, one at a time, in one goroutine,
// so that it never takes more than one processor and 19 MiB (an imported hash:
// 128 MiB), however many log in. After each hash it rests for as long as that
// took: a flood of wrong logins gets half of one processor, and the visitors'
// pages the others. Who comes alone does not notice, for he has his answer
// before the rest.
type hasher struct {
	queue chan func()
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once
}

func newHasher() *hasher {
	h := &hasher{queue: make(chan func(), hashQueue), stop: make(chan struct{}), done: make(chan struct{})}
	go h.run()
	return h
}

// do returns when f was run, or ErrBusy, or ErrClosed, and f was not.
func (h *hasher) do(f func()) error {
	ready := make(chan struct{})
	select {
	case <-h.stop:
		return ErrClosed
	default:
	}
	if !h.try(func() { defer close(ready); f() }) {
		return ErrBusy
	}
	select {
	case <-ready:
		return nil
	case <-h.done:
	}
	select {
	case <-ready: // it was the last one
		return nil
	default:
		return ErrClosed
	}
}

// try puts f into the queue if there is room.
func (h *hasher) try(f func()) bool {
	select {
	case h.queue <- f:
		return true
	default:
		return false
	}
}

func (h *hasher) run() {
	defer close(h.done)
	for {
		select {
		case <-h.stop:
			return
		case f := <-h.queue:
			begin := time.Now()
			f()
			h.rest(time.Since(begin))
		}
	}
}

func (h *hasher) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.stop:
	}
}

// close waits for the hash that is under way; those in the queue get ErrClosed.
func (h *hasher) close() {
	h.once.Do(func() { close(h.stop) })
	<-h.done
}
