package console

import (
	"cmp"
	"context"
	"errors"
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
	"pagesession/storage/record"
)

// eventStream answers GET /admin/stream/ with server-sent events: the end of the operator's
// session, and with ?samples the last quarter of an hour, or what a returning browser missed,
// then each second. One who may not see sessions, or has to set up a second factor first, hears
// that instead.
func (s *console) eventStream(r *request) error {
	token, user := s.Sessions.Token(r.Ctx), r.user.ID
	enter := s.streams.enter
	if r.Method() == fiber.MethodHead {
		enter = s.streams.room // scripts ask so why a stream was refused: they cannot see it
	}
	switch enter(user) {
	case full:
		return page.Status(fiber.StatusServiceUnavailable)
	case enough:
		r.Set(fiber.HeaderRetryAfter, "30")
		return r.Status(fiber.StatusTooManyRequests).SendString("Several of your browsers follow the console already. Close the console in one of them.\n")
	}
	r.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	r.Set("X-Accel-Buffering", "no") // nginx would wait for more of it
	if r.Method() == fiber.MethodHead {
		return nil
	}
	last, _ := strconv.ParseUint(cmp.Or(r.Get("Last-Event-ID"), r.query("after")), 10, 64)
	st := &stream{
		monitor: s.Monitor, done: s.Done, last: last, conn: r.Context().Conn(),
		asked:  r.Request().URI().QueryArgs().Has("samples"),
		banner: s.banner, servers: s.serverTable,
	}
	st.samples = st.asked && s.sees(r.user)
	st.allowed = s.stillIn(token, r.user)
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
		for s.waits(ctx, t) {
		}
	}()
	return end, sync.OnceFunc(func() { cancel(); leave() })
}

// waitAgain is how long after a session server did not answer it is asked again.
const waitAgain = time.Second

// waits waits for the end of a session. It returns true, after a pause, if that could not be
// seen because the session server is away. After another error the browser connects again.
func (s *console) waits(ctx context.Context, t session.Token) (again bool) {
	_, err := s.Sessions.Policy().Wait(ctx, t)
	if !errors.Is(err, session.ErrUnavailable) {
		return false
	}
	timer := time.NewTimer(waitAgain)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// A standing is what an operator may do on a stream that is open.
type standing struct {
	ok    bool   // it goes on
	why   string // why they are signed out; "" if they are not
	sees  bool   // they may see sessions, and so the samples
	setUp bool   // they have to set up a second factor before anything else
	less  bool   // since the last answer they have lost a permission
}

// sees reports whether an operator may see the samples.
func (s *console) sees(u account.User) bool { return u.Can(account.ViewSession) && !s.mustSetUp(u) }

// stillIn returns a function that checks again whether an operator is signed in, may see
// sessions, has the second factor that they must have, and has all permissions of before. It does
// not extend their session. An error says that the accounts or the session server could not be
// asked. Only one goroutine may call the function.
func (s *console) stillIn(t session.Token, before account.User) func() (standing, error) {
	return func() (standing, error) {
		view, err := s.Sessions.Policy().Peek(context.Background(), t)
		if errors.Is(err, session.ErrUnavailable) {
			return standing{}, err
		}
		if err != nil {
			return standing{}, nil
		}
		if !view.Live() {
			return standing{why: cmp.Or(view.Reason.String(), wasTimedOut)}, nil
		}
		user, ok, err := s.Accounts.Valid(context.Background(), before.ID, before.Epoch)
		switch {
		case err != nil:
			return standing{}, err
		case !ok:
			return standing{why: record.Revoked.String()}, nil
		}
		less := !user.MayTakeOver(before) // they could do what they cannot do now
		before = user
		return standing{ok: true, sees: s.sees(user), setUp: s.mustSetUp(user), less: less}, nil
	}
}

// A stream is the body of an answer that does not end by itself. The engine reads
// it after the handler has returned, so it holds nothing of the request. It ends
// when the server stops, its operator is signed out, or the browser goes.
// While it is unknown whether the operator may see it, the samples wait, and the browser
// hears only the banner, which says what is unavailable: the accounts, or the session server. A
// stream without samples asks as often, and sends only a heartbeat.
type stream struct {
	monitor Monitor
	done    <-chan struct{}
	ended   <-chan struct{}          // closed when the operator's session has ended
	asked   bool                     // the browser wants samples, and has not heard that it gets none
	samples bool                     // it has them
	setUp   bool                     // the browser knows that a second factor has to be set up
	allowed func() (standing, error) // asked again each second
	banner  func() (string, error)
	servers func() (string, error)
	leave   func()   // frees the stream's place; may be called again
	conn    net.Conn // nil in memory
	last    uint64   // number of the newest sample that was sent

	gone     chan struct{} // closed when the browser is; nil in memory
	begun    bool
	finished bool   // its last event has been sent
	waits    bool   // samples wait for an answer of allowed
	shown    string // the banner that was sent last
	table    string // the table of servers that was sent last; "" for none
	rest     []byte // of an event that did not fit
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
	for beat := time.Now().Add(heartbeat); ; {
		if st.finished {
			return nil
		}
		samples, stopped := st.wait(beat)
		if stopped {
			return nil
		}
		is, err := st.allowed()
		st.waits = err != nil
		switch {
		case !is.ok && !st.waits, closed(st.ended): // of an end that cannot be explained the browser asks again
			return st.end(is.why)
		case st.waits:
			return st.event(nil)
		}
		if news := st.news(is); news != "" {
			return append(st.head(), news...)
		}
		if st.samples {
			return st.event(samples)
		}
		if len(samples) > 0 {
			st.last = samples[len(samples)-1].Seq
		}
		if !st.begun || !time.Now().Before(beat) {
			return st.event(nil)
		}
	}
}

// wait waits for samples, or until it is time for a heartbeat. stopped: the server stops, or
// the browser has gone.
func (st *stream) wait(beat time.Time) (samples []monitor.Sample, stopped bool) {
	samples, more := st.monitor.After(st.last)
	if st.begun && (st.waits || len(samples) == 0) {
		timer := time.NewTimer(time.Until(beat))
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
	return samples, closed(st.done) || closed(st.gone)
}

// closed reports whether a channel is closed.
func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// end is the last event: it says why the operator is signed out, if they are. The browser
// then asks for itself.
func (st *stream) end(why string) []byte {
	st.finished = true
	if why == "" {
		return nil
	}
	return []byte("event: ended\ndata: " + strconv.Quote(why) + "\n\n")
}

// news takes a new standing, and returns events if the browser does not know of it: that its
// operator has lost a permission, has to set up a second factor, or may not see the samples that
// it asked for.
func (st *stream) news(is standing) (events string) {
	if is.less {
		events = "event: permissions\ndata: 1\n\n"
	}
	switch {
	case is.setUp && !st.setUp:
		events += "event: setup\ndata: 1\n\n"
	case st.asked && !is.sees:
		events += "event: denied\ndata: 1\n\n"
	}
	st.setUp, st.asked = is.setUp, st.asked && is.sees
	st.samples = st.asked
	return events
}

// head is what comes before the first event.
func (st *stream) head() []byte {
	if st.begun {
		return nil
	}
	st.begun = true
	return []byte("retry: " + retryMS + "\n\n")
}

// event encodes samples for the browser; without samples it returns a heartbeat, which shows
// that the connection is alive.
func (st *stream) event(samples []monitor.Sample) []byte {
	b := st.head()
	if st.samples {
		b = appendMarkup(b, "files", st.banner, &st.shown)
	}
	if len(samples) == 0 || !st.samples {
		return append(b, "event: beat\ndata: 1\n\n"...)
	}
	b = appendMarkup(b, "servers", st.servers, &st.table)
	st.last = samples[len(samples)-1].Seq
	b = strconv.AppendUint(append(b, "id: "...), st.last, 10)
	b = monitor.AppendSamples(append(b, "\ndata: "...), samples)
	return append(b, "\n\n"...)
}

// appendMarkup appends an event with a part of the page if that has changed since it was
// shown. It has no number, so a browser that comes back still asks for the samples that it missed.
func appendMarkup(b []byte, event string, get func() (string, error), shown *string) []byte {
	now, err := get()
	if err != nil || now == *shown { // the page itself reports an error of the template
		return b
	}
	*shown = now
	b = append(append(append(b, "event: "...), event...), "\ndata: "...)
	return append(append(b, now...), "\n\n"...)
}

// Close frees the stream's place. The engine calls it, whatever ended the stream.
func (st *stream) Close() error {
	st.leave()
	return nil
}
