package account

import (
	"slices"
	"sync"
	"time"
)

// Places for callers that wait for the hasher.
const (
	hashQueue    = 16 // in all: about a second
	strangeQueue = 12 // for callers that are not known; the others are kept for known ones
	failingQueue = 8  // for those of them whose network has failures
	keyQueue     = 2  // for one network or device, so a few cannot fill the queue
)

// A rank is the order of turns. A caller of a higher rank goes first.
type rank int

const (
	failing rank = iota // from a network with failures in the window
	unknown             // from any other network in which the user has not signed in
	known               // the user has signed in before with this device, or in this network
)

// places returns how many callers of this rank and those below may wait.
func (r rank) places() int { return [...]int{failingQueue, strangeQueue, hashQueue}[r] }

// A hasher lets one caller at a time hash passwords, by rank. This bounds hashing to one
// processor and 19 MiB (128 MiB for an imported hash), however many people sign in. After
// each hash it rests for as long as the hash took, so a flood of wrong passwords takes half
// of one processor, and the visitors' pages have the rest. A single caller has the answer
// before the rest begins. So a known caller waits for a hash, its rest, and other known ones.
type hasher struct {
	hashing sync.Mutex // held while reading and hashing, for close

	mu     sync.Mutex // protects the fields below
	queue  []*waiter  // oldest first
	taken  bool       // a caller hashes, or the rest runs
	closed bool
}

// A waiter is a caller in the queue.
type waiter struct {
	hashCaller
	turn chan error // gets nil when it may hash, or ErrClosed
}

// A hashCaller says for whom a password is hashed.
type hashCaller struct {
	key  tried // the network or device; the zero value: an operator who is signed in, or a command
	rank rank
}

// signedIn returns the caller for operators who are signed in, and for commands.
func signedIn() hashCaller { return hashCaller{rank: known} }

func newHasher() *hasher { return &hasher{} }

// do waits for its turn and runs hash. After ErrBusy or ErrClosed hash has not run.
func (h *hasher) do(who hashCaller, hash func()) error {
	return h.doAfter(who, func() error { return nil }, hash)
}

// doAfter is do, with read before hash. It returns the error of read; then hash has not run.
// The rest is only for the hash, since a slow database would make it longer for nothing.
func (h *hasher) doAfter(who hashCaller, read func() error, hash func()) error {
	w, err := h.enter(who)
	if err != nil {
		return err
	}
	if err := <-w.turn; err != nil {
		return err
	}
	h.hashing.Lock()
	defer h.hashing.Unlock()
	if h.isClosed() {
		return ErrClosed
	}
	var rest time.Duration
	defer func() { time.AfterFunc(rest, h.next) }()
	if err := read(); err != nil {
		return err
	}
	begin := time.Now()
	defer func() { rest = time.Since(begin) }()
	hash()
	return nil
}

// enter puts a caller into the queue, or gives it the turn.
func (h *hasher) enter(who hashCaller) (*waiter, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := &waiter{who, make(chan error, 1)}
	switch {
	case h.closed:
		return nil, ErrClosed
	case !h.taken:
		h.taken = true
		w.turn <- nil
	case !h.hasPlace(who):
		return nil, ErrBusy
	default:
		h.queue = append(h.queue, w)
	}
	return w, nil
}

func (h *hasher) isClosed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// hasPlace reports whether a caller may wait. The caller holds mu.
func (h *hasher) hasPlace(who hashCaller) bool {
	below, same := 0, 0
	for _, w := range h.queue {
		if w.rank <= who.rank {
			below++
		}
		if w.key == who.key {
			same++
		}
	}
	return len(h.queue) < hashQueue && below < who.rank.places() && (who.key == (tried{}) || same < keyQueue)
}

// next gives the turn to the oldest caller of the highest rank.
func (h *hasher) next() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.queue) == 0 {
		h.taken = false
		return
	}
	at := 0
	for i, w := range h.queue {
		if w.rank > h.queue[at].rank {
			at = i
		}
	}
	w := h.queue[at]
	h.queue = slices.Delete(h.queue, at, at+1)
	w.turn <- nil
}

// close waits for the running hash. Waiting callers get ErrClosed.
func (h *hasher) close() {
	h.mu.Lock()
	h.closed = true
	for _, w := range h.queue {
		w.turn <- ErrClosed
	}
	h.queue = nil
	h.mu.Unlock()
	h.hashing.Lock() // after the running hash
	defer h.hashing.Unlock()
}
