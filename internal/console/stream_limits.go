package console

import "sync"

// How many streams may be open. A browser has one, which its tabs share; one without Web Locks
// has one for each tab with the dashboard, and at most six connections to a host.
const (
	maxStreams     = 128
	maxUserStreams = 4
)

// An admission is the answer to one who asks for a stream.
type admission int

const (
	free   admission = iota
	full             // all streams together are too many
	enough           // this user has enough
)

// streams counts what is open.
type streams struct {
	mu     sync.Mutex     // protects what follows
	all    int            // open streams
	byUser map[uint64]int // open streams of each user
}

// room says whether there is a place for a user, and takes none.
func (st *streams) room(user uint64) admission {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.look(user)
}

func (st *streams) look(user uint64) admission {
	switch {
	case st.byUser[user] >= maxUserStreams:
		return enough
	case st.all >= maxStreams:
		return full
	default:
		return free
	}
}

// enter takes a place for a user if it is free.
func (st *streams) enter(user uint64) admission {
	st.mu.Lock()
	defer st.mu.Unlock()
	at := st.look(user)
	if at == free {
		st.all++
		st.byUser[user]++
	}
	return at
}

// leave frees the place of a user.
func (st *streams) leave(user uint64) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.all--
	if st.byUser[user]--; st.byUser[user] == 0 {
		delete(st.byUser, user)
	}
}
