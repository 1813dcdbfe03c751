package console

import "sync"

// Streams at once: each holds a connection and a goroutine, and a browser does
// not open more than six connections to one host.
const (
	maxStreams     = 32
	maxUserStreams = 4
)

// streams counts what is open.
type streams struct {
	mu     sync.Mutex     // protects what follows
	all    int            // in all
	byUser map[uint64]int // of each who has one
}

func newStreams() *streams { return &streams{byUser: map[uint64]int{}} }

// enter counts one more for a user; false: there is no room.
func (st *streams) enter(user uint64) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.all >= maxStreams || st.byUser[user] >= maxUserStreams {
		return false
	}
	st.all++
	st.byUser[user]++
	return true
}

// leave gives the room of one back.
func (st *streams) leave(user uint64) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.all--
	if st.byUser[user]--; st.byUser[user] == 0 {
		delete(st.byUser, user)
	}
}
