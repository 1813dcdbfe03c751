package server

import (
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// holdTime bounds how long a request waits for Ready. A start takes less than a second, 3 s
// with a million sessions, and three times that where the machine is busy. Browsers and
// proxies wait longer for an answer, nginx 60 s. After a longer wait people would rather
// read that the server starts.
const holdTime = 10 * time.Second

// A hold has what requests wait for if they come before Ready. A proxy without health checks
// sends visitors to a server as soon as it listens, and on a socket that stays open clients
// wait since before the start. A 503 would reach them, because a proxy cannot repeat a POST.
type hold struct {
	ended chan struct{} // closed when there is nothing to wait for
	once  sync.Once
}

func (h *hold) end() { h.once.Do(func() { close(h.ended) }) }

// NotSoon stops requests from waiting for Ready, because the start itself waits for something.
// Config.Unavailable answers them, and further ones until Ready.
func (s *Server) NotSoon() { s.hold.end() }

// awaitReady makes a request wait for Ready, at most for holdTime, if Config.Holds says so.
func (s *Server) awaitReady(ctx *fasthttp.RequestCtx) {
	if s.ready.Load() || s.Holds == nil || !s.Holds(ctx) {
		return
	}
	select {
	case <-s.hold.ended:
	case <-time.After(holdTime):
	}
}
