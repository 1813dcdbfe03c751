package web

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/internal/server"
	"pagesession/session"
	"pagesession/storage/record"
)

// heartbeat is how often a stream sends beatEvent, which shows proxies and the page's script
// that it is alive. Balancers close what is silent for a minute, some for 30 s.
const heartbeat = 25 * time.Second

// sessionStream answers GET /session/stream/ with server-sent events: endedEvent as soon as
// the session has ended, which may be at once, and beatEvent meanwhile. It extends nothing.
// Without a session it answers 204, which makes a browser stop. A page without a stream asks
// /session/ every 3 s.
func (s *site) sessionStream(c *fiber.Ctx) error {
	if needsProof(c) { // a page of another site would hold the visitor's streams
		return page.Status(fiber.StatusForbidden)
	}
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	if view.State == record.None {
		c.Status(fiber.StatusNoContent)
		return nil
	}
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set("X-Accel-Buffering", "no") // nginx would wait for more of it
	if !view.Live() {
		return c.SendString(endedEvent(view))
	}
	return s.follow(c)
}

// follow begins the stream of a live session.
func (s *site) follow(c *fiber.Ctx) error {
	st := &stream{policy: s.Sessions.Policy(), heartbeat: s.Heartbeat}
	var err error
	if st.token, err = st.policy.Resolve(c.UserContext(), s.Sessions.Token(c)); err != nil {
		return err
	}
	switch err := server.Detach(c.Context(), s.StreamNetwork(c), st.serve); {
	case errors.Is(err, server.ErrNoChunks):
		c.Set(fiber.HeaderUpgrade, "HTTP/1.1")
		return refuseStream(c, fiber.StatusUpgradeRequired, err)
	case errors.Is(err, server.ErrNetworkFull):
		return refuseStream(c, fiber.StatusTooManyRequests, err)
	case err != nil:
		return refuseStream(c, fiber.StatusServiceUnavailable, err)
	}
	return nil
}

// streamPause is when a browser that gets no stream may ask for one again.
const streamPause = time.Minute

// refuseStream says why there is no stream.
func refuseStream(c *fiber.Ctx, status int, why error) error {
	page.RetryAfter(c, streamPause)
	c.Status(status)
	return c.JSON(fiber.Map{"error": why.Error()}, mimeJSON)
}

// A stream is one browser's. It holds nothing of its request.
type stream struct {
	policy    *session.Policy
	token     session.Token // of one session
	heartbeat time.Duration
}

// serve sends the end of the session when it comes. It ends without it when the browser goes,
// the server stops, or the store cannot be asked; the browser then connects again.
func (st *stream) serve(p *server.Push) {
	ctx := context.Background()
	stop, err := st.policy.Watch(ctx, st.token, p.Wake)
	if err != nil {
		return
	}
	defer stop()
	if p.Send(retryAfter()+beatEvent) != nil { // the page then knows that events arrive
		return
	}
	sent := time.Now().Add(-random(st.heartbeat)) // so that heartbeats are spread out after a start
	for {
		view, err := st.policy.Peek(ctx, st.token)
		if err != nil {
			return
		}
		if !view.Live() {
			_ = p.Send(endedEvent(view)) // it fails if the browser has gone
			return
		}
		now := time.Now()
		if now.Sub(sent) >= st.heartbeat-st.heartbeat/steps {
			if p.Send(beatEvent) != nil {
				return
			}
			sent = now
		}
		if p.Pause(untilLook(untilBeat(now, sent, st.heartbeat), view.Remaining)) != nil {
			return
		}
	}
}

// steps is how many instants within the time of a heartbeat have one. Heartbeats come early,
// by up to one step, so that many share an instant: waking an idle processor costs more than
// a heartbeat.
const steps = 50

// untilBeat returns when the next heartbeat is due: a whole number of steps of the clock, at
// most a step before it has to be.
func untilBeat(now, sent time.Time, heartbeat time.Duration) time.Duration {
	due := sent.Add(heartbeat).Sub(now) // not by the wall clock, which may jump
	return due - time.Duration((now.UnixNano()+int64(due))%int64(heartbeat/steps))
}

// untilLook returns when to look at a session again: when a heartbeat is due, or earlier if
// the session may have expired by then. One with no time remaining never expires.
func untilLook(due, remaining time.Duration) time.Duration {
	if remaining > 0 && remaining < due {
		return remaining
	}
	return due
}

// retryAfter makes a browser that loses its stream come back after 3 to 6 seconds, so that
// not all come at once when the server starts again.
func retryAfter() string {
	wait := 3*time.Second + random(3*time.Second)
	return "retry: " + strconv.FormatInt(page.Millis(wait), 10) + "\n\n"
}

// random returns a time from 0 to less than below, which is less than a day.
func random(below time.Duration) time.Duration {
	var b [2]byte
	_, _ = rand.Read(b[:]) // it never fails
	return below * time.Duration(binary.BigEndian.Uint16(b[:])) >> 16
}

// beatEvent has data, because without it browsers tell scripts nothing.
const beatEvent = "event: beat\ndata: 1\n\n"

// endedEvent tells of an end. Its reason is a word without characters to escape; "" if it is
// unknown.
func endedEvent(view session.View) string {
	return "event: ended\ndata: {\"reason\":\"" + view.Why() + "\"}\n\n"
}
