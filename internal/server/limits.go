package server

import (
	"log/slog"
	"time"

	"github.com/valyala/fasthttp"
)

// Limits bound what clients can make the server spend. All have to be set, because most
// of the engine's defaults are unlimited.
type Limits struct {
	Header      int           // bytes of request line and headers; above it 431
	Body        int           // bytes of a request's body; above it 413
	Read        time.Duration // for a whole request, from its first byte; after that 408
	Write       time.Duration // for a whole response
	Idle        time.Duration // between two requests of one connection
	Connections int           // served at the same time; above it 503
	Overflow    int           // further connections that are read and get a 503
	ForNetwork  int           // connections of one network, see Config.Network; above it 429; 0: any number; streams likewise
	Streams     int           // answers that go on, see Detach; counted apart from connections
	// Unacknowledged is how long the client of a stream may acknowledge nothing, though bytes
	// wait for it; then its stream ends. Only on Linux; elsewhere, and with 0, the system decides.
	Unacknowledged time.Duration
	DrainRead      time.Duration // for the rest of a request when the server stops
	DrainIdle      time.Duration // for a last request before that, where the next server has the same socket
}

// DefaultLimits returns limits for browsers on fast and slow networks.
func DefaultLimits() Limits {
	return Limits{
		// A browser sends headers of 1 to 2 KiB, and cookies of at most 4 KiB
		// each. Each connection has a buffer of this size.
		Header: 8 << 10,
		// The largest form has 500 sessions, in 25 KB.
		Body: 32 << 10,
		// 40 KiB in 10 s is 4 KiB/s, a bad mobile connection. A slowloris attack
		// holds a connection this long.
		Read:  10 * time.Second,
		Write: 10 * time.Second,
		// Load balancers reuse a connection for up to 60 s. One that is closed just
		// then costs a visitor a 502.
		Idle: 75 * time.Second,
		// Measured at 25 KiB each: 250 MB if all are in use.
		Connections: 10_000,
		// Enough to answer 503 to a crowd, without doubling the memory.
		Overflow: 1_000,
		// Each browser with a page of a session has one. Measured at 8 KiB each.
		Streams: 20_000,
		// A browser opens 6 connections to a server; this is an office of 30.
		ForNetwork: 200,
		// A stream writes every 25 s, so one whose client has vanished ends after 85 s at
		// most. Linux alone gives up after 15 minutes. A shorter time would end streams
		// in tunnels and lifts.
		Unacknowledged: time.Minute,
		// A fifth of the 5 s that a stop may take.
		DrainRead: time.Second,
		// A client that is in the middle of a page sends its next request within some 10 ms,
		// and on a busy machine within some 100 ms. Others wait for this time when the
		// server restarts.
		DrainIdle: 500 * time.Millisecond,
	}
}

const (
	// cutTimeout is how long Shutdown waits for the goroutines of connections that it
	// has cut. They only have to return.
	cutTimeout = 100 * time.Millisecond

	// janitorInterval is how often the engine's pool looks for idle workers. One of its
	// goroutines outlives Shutdown by this time.
	janitorInterval = 200 * time.Millisecond

	// workerSlack is for workers whose connection is closed, and so uncounted, but that
	// are not free yet.
	workerSlack = 1_000
)

// answerBuffer has room for a whole page with its headers, up to 6.5 KiB, so one system
// call sends it. The engine's default of 4 KiB needed two, which took half of the
// processor time of a refresh.
const answerBuffer = 8 << 10

// newEngine returns the engine with all settings that matter.
func newEngine(l Limits, log *slog.Logger) *fasthttp.Server {
	return &fasthttp.Server{
		ReadBufferSize:     l.Header,
		WriteBufferSize:    answerBuffer,
		MaxRequestBodySize: l.Body,
		ReadTimeout:        l.Read,
		WriteTimeout:       l.Write,
		IdleTimeout:        l.Idle,
		// A second limit behind connections, which answers 503 with a page.
		Concurrency:                  l.Connections + l.Overflow + workerSlack,
		MaxIdleWorkerDuration:        janitorInterval,
		CloseOnShutdown:              true, // for answers that dispatch.go misses
		ConnState:                    trackState,
		NoDefaultServerHeader:        true,
		KeepHijackedConns:            true, // Detach takes them over
		SecureErrorLogMessage:        true, // see engineLog
		DisablePreParseMultipartForm: true,
		Logger:                       engineLog{log},
	}
}
