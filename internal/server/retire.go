package server

import (
	"errors"
	"os"
	"sync"
	"time"
)

// Times of retire. A client completes a handshake within a round trip, which is less than
// settleTime in one data centre. retireTime bounds the whole, also where clients connect all
// the time.
const (
	settleTime = 10 * time.Millisecond
	retireTime = 500 * time.Millisecond
)

// A keeper is a listener whose socket stays open when it closes, because another process
// has it, too. Clients that have connected then wait there for the next server.
type keeper interface{ StaysOpen() bool }

// staysOpen reports whether clients can connect after Close.
func (l *listener) staysOpen() bool {
	k, ok := l.Listener.(keeper)
	return ok && k.StaysOpen()
}

// retire stops accepting without a loss. The kernel resets connections that wait for Accept
// when their listener closes, though their clients may have sent a request already; a proxy
// cannot repeat it if it is a POST. So retire first has the kernel ignore new clients, where
// it can do that. It accepts those that are there, until none has come for settleTime, and
// only then closes. A client that was ignored tries again after a second, and is refused
// before it has sent anything.
//
// Of a socket that stays open it only makes sure that no accept is under way: who has not
// been accepted loses nothing. The kernel must not ignore clients there, since the next server
// has the same socket.
func (l *listener) retire() {
	timed, ok := l.Listener.(interface{ SetDeadline(time.Time) error })
	if ok && l.accepting.Load() {
		until := longAgo
		if !l.staysOpen() {
			ignoreNew(l.Listener)
			until = time.Now().Add(settleTime)
		}
		l.retiring.Store(true)
		if timed.SetDeadline(until) == nil {
			select {
			case <-l.retired:
			case <-time.After(retireTime):
			}
		}
	}
	_ = l.Close() // the engine closes it again and reports the error
}

// settled reports whether an accept failed because no client has come for settleTime. It
// takes two such failures: on a busy machine the time may be over before Accept has looked
// for a client at all.
func (l *listener) settled(err error) bool {
	if !l.retiring.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	l.quiet++
	return l.quiet >= 2 || l.staysOpen()
}

// awaitMore gives the next client settleTime, if the listener is retiring.
func (l *listener) awaitMore() {
	if timed, ok := l.Listener.(interface{ SetDeadline(time.Time) error }); ok && l.retiring.Load() && !l.staysOpen() {
		_ = timed.SetDeadline(time.Now().Add(settleTime)) // it fails only if closed already
	}
}

// retire retires all listeners, at the same time. It reports whether a socket stays open.
func (cs *connections) retire() (staysOpen bool) {
	cs.mu.Lock()
	listeners := cs.listeners
	cs.mu.Unlock()
	var all sync.WaitGroup
	for _, l := range listeners {
		all.Go(l.retire)
		staysOpen = staysOpen || l.staysOpen()
	}
	all.Wait()
	return staysOpen
}
