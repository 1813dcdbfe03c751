package console

import (
	"context"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/monitor"
	"pagesession/internal/page"
	"pagesession/internal/server"
	"pagesession/session"
)

// dashboardStream answers GET /admin/stream/ with server-sent events: the last
// quarter of an hour, or what a returning browser missed, then each second.
func (s *console) dashboardStream(r *request) error {
	r.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	r.Set("X-Accel-Buffering", "no") // nginx would wait for more of it
	if r.Method() == fiber.MethodHead {
		return nil
	}
	token, user := s.Sessions.Token(r.Ctx), r.user.ID
	if !s.streams.enter(user) {
		return page.Status(fiber.StatusServiceUnavailable)
	}
	last, _ := strconv.ParseUint(r.Get("Last-Event-ID"), 10, 64)
	st := &stream{
		monitor: s.Monitor, done: s.Done, last: last, conn: r.Context().Conn(),
		allowed: s.stillSees(token, user, r.user.Epoch), banner: s.banner,
	}
	st.ended, st.leave = s.endOf(token, func() { s.streams.leave(user) })
	st.listen()
	server.Stream(r.Context(), st) // ends the connection: listen may take what comes after the request
	return nil
}

// endOf returns a channel that is closed when the operator's session has ended,
// and a function that stops waiting for it and calls leave. Both may be used more
// than once.
func (s *console) endOf(t session.Token, leave func()) (ended <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	end := make(chan struct{})
	go func() {
		defer close(end)
		_, _ = s.Sessions.Policy().Wait(ctx, t) // after an error the browser connects again
	}()
	return end, sync.OnceFunc(func() { cancel(); leave() })
}

// stillSees returns a function that checks again whether an operator is signed in, may see
// sessions, and has the second factor that they must have. It does not extend their session.
// An error says that the accounts could not be asked.
func (s *console) stillSees(t session.Token, id, epoch uint64) func() (bool, error) {
	return func() (bool, error) {
		if view, err := s.Sessions.Policy().Peek(context.Background(), t); err != nil || !view.Live() {
			return false, nil
		}
		user, ok, err := s.Accounts.Valid(context.Background(), id, epoch)
		return ok && user.Can(account.ViewSession) && !s.mustSetUp(user), err
	}
}

// A stream is the body of an answer that does not end by itself. The engine reads
// it after the handler has returned, so it holds nothing of the request. It ends
// when the server stops, its operator may not see it any more, or the browser goes.
// While it is unknown whether the operator may see it, the samples wait, and the browser
// hears only the banner, which says that the accounts are unavailable.
type stream struct {
	monitor Monitor
	done    <-chan struct{}
	ended   <-chan struct{}      // closed when the operator's session has ended
	allowed func() (bool, error) // asked again before each event
	banner  func() (string, error)
	leave   func()   // frees the stream's place; may be called again
	conn    net.Conn // nil in memory
	last    uint64   // number of the newest sample that was sent

	gone  chan struct{} // closed when the browser is; nil in memory
	begun bool
	waits bool   // samples wait for an answer of allowed
	shown string // the banner that was sent last
	rest  []byte // of an event that did not fit
}

// A stream sends an event at least every heartbeat, and each has writeTime to reach
// the browser. The engine's own deadline is for the answer as a whole.
const (
	heartbeat = 5 * time.Second
	writeTime = 10 * time.Second
	retryMS   = "3000" // when a browser that lost the stream comes back
)

// listen notices at once that the browser has gone, so that a reload does not count
// as two streams: only the second write after that would fail. The browser sends
// nothing more, so the read returns when the connection ends.
func (st *stream) listen() {
	if st.conn == nil || st.conn.SetReadDeadline(time.Time{}) != nil {
		return
	}
	st.gone = make(chan struct{})
	go func() {
		defer close(st.gone)
		_, _ = st.conn.Read(make([]byte, 1))
	}()
}

// Read returns the next event, or a part of it; io.EOF at the end.
func (st *stream) Read(p []byte) (int, error) {
	if len(st.rest) == 0 {
		st.rest = st.next()
	}
	if len(st.rest) == 0 {
		return 0, io.EOF
	}
	if st.conn != nil {
		if err := st.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
			return 0, err
		}
	}
	n := copy(p, st.rest)
	st.rest = st.rest[n:]
	return n, nil
}

// next waits for the next event. It returns nothing at the end of the stream.
func (st *stream) next() []byte {
	samples, more := st.monitor.After(st.last)
	if st.begun && (st.waits || len(samples) == 0) {
		timer := time.NewTimer(heartbeat)
		defer timer.Stop()
		select {
		case <-st.done:
		case <-st.ended:
		case <-st.gone:
		case <-timer.C:
		case <-more:
		}
		samples, _ = st.monitor.After(st.last)
	}
	select {
	case <-st.done:
		return nil
	case <-st.ended:
		return nil
	case <-st.gone:
		return nil
	default:
	}
	ok, err := st.allowed()
	if st.waits = err != nil; st.waits {
		return st.event(nil)
	}
	if !ok {
		return nil
	}
	return st.event(samples)
}

// event encodes samples for the browser; without samples it returns a comment,
// which shows that the connection is alive.
func (st *stream) event(samples []monitor.Sample) []byte {
	var b []byte
	if !st.begun {
		st.begun = true
		b = append(b, "retry: "+retryMS+"\n\n"...)
	}
	b = st.appendBanner(b)
	if len(samples) == 0 {
		return append(b, ":\n\n"...)
	}
	st.last = samples[len(samples)-1].Seq
	b = strconv.AppendUint(append(b, "id: "...), st.last, 10)
	b = appendSamples(append(b, "\ndata: "...), samples)
	return append(b, "\n\n"...)
}

// appendBanner appends an event with the banner if it has changed. It has no number, so
// a browser that comes back still asks for the samples that it missed.
func (st *stream) appendBanner(b []byte) []byte {
	banner, err := st.banner()
	if err != nil || banner == st.shown { // the page itself reports an error of the template
		return b
	}
	st.shown = banner
	return append(append(append(b, "event: files\ndata: "...), banner...), "\n\n"...)
}

// Close frees the stream's place. The engine calls it, whatever ended the stream.
func (st *stream) Close() error {
	st.leave()
	return nil
}

// How many streams may be open: a browser has at most six connections to a host.
const (
	maxStreams     = 32
	maxUserStreams = 4
)

// streams counts what is open.
type streams struct {
	mu     sync.Mutex     // protects what follows
	all    int            // open streams
	byUser map[uint64]int // open streams of each user
}

// enter takes a place for a user; false: none is free.
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

// leave frees the place of a user.
func (st *streams) leave(user uint64) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.all--
	if st.byUser[user]--; st.byUser[user] == 0 {
		delete(st.byUser, user)
	}
}
