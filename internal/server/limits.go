package server

import (
	"log/slog"
	"time"

	"github.com/valyala/fasthttp"
)

// Limits bound what clients can make the server spend. All of them are set,
// because the engine's own defaults are mostly "for ever".
type Limits struct {
	Header      int           // bytes of request line and headers; above it 431
	Body        int           // bytes of a request's body; above it 413
	Read        time.Duration // for a whole request, from its first byte; after it 408
	Write       time.Duration // for a whole response
	Idle        time.Duration // between two requests of one connection
	Connections int           // that are served at once; above it 503
	Overflow    int           // further connections that are read, to be told 503
	DrainRead   time.Duration // for what is left of a request, once stopping
}

// DefaultLimits are those of a server for browsers behind all sorts of lines.
func DefaultLimits() Limits {
	return Limits{
		// A browser's headers are 1 to 2 KiB and its cookies for one host at
		// most 4 KiB each. Every connection holds a buffer of this size.
		Header: 8 << 10,
		// The largest form names 500 sessions, in 25 KB.
		Body: 32 << 10,
		// 40 KiB in 10 s is 4 KiB/s, a bad mobile line. It is also how long a
		// slowloris keeps a connection.
		Read:  10 * time.Second,
		Write: 10 * time.Second,
		// Three idle timeouts of a session: a visitor who keeps refreshing
		// stays on one connection.
		Idle: 60 * time.Second,
		// Measured 25 KiB each: 250 MB when all are in use.
		Connections: 10_000,
		// A crowd that is told to come back, without taking twice the memory.
		Overflow: 1_000,
		// A fifth of the 5 s in which the process must be gone.
		DrainRead: time.Second,
	}
}

const (
	// cutTimeout is how long Shutdown waits for the goroutines of connections
	// that it has just cut; they have nothing left to do.
	cutTimeout = 100 * time.Millisecond

	// janitorInterval is how often the engine's pool looks for idle workers, and
	// so how long one of its goroutines outlives Shutdown.
	janitorInterval = 200 * time.Millisecond

	// workerSlack covers workers that have closed their connection, which we
	// no longer count, and are not yet free again.
	workerSlack = 1_000
)

// answerBuffer holds a whole page with its headers, in the longest language 6.5
// KiB, so that it leaves in one system call. The engine's own 4 KiB made two of
// it, and those were half of the processor time of a refresh.
const answerBuffer = 8 << 10

// newEngine sets everything that matters and differs from the engine's defaults.
func newEngine(l Limits, log *slog.Logger) *fasthttp.Server {
	return &fasthttp.Server{
		ReadBufferSize:     l.Header,
		WriteBufferSize:    answerBuffer,
		MaxRequestBodySize: l.Body,
		ReadTimeout:        l.Read,
		WriteTimeout:       l.Write,
		IdleTimeout:        l.Idle,
		// The second line behind connections, which says 503 in better words.
		Concurrency:           l.Connections + l.Overflow + workerSlack,
		MaxIdleWorkerDuration: janitorInterval,
		CloseOnShutdown:       true, // for what dispatch.go missed
		ConnState:             trackState,
		NoDefaultServerHeader: true,
		// Errors quote what a client sent, cookies too, unless told not to.
		SecureErrorLogMessage:        true,
		DisablePreParseMultipartForm: true,
		// Any client can cause the messages of the engine.
		Logger: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
