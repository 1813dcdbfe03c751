package access

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/client"
	"pagesession/internal/metrics"
	"pagesession/internal/network"
)

// queued is how many answers wait for their line at most: some 0.1 s of a busy server, in 0.5 MB.
const queued = 4096

// closeTime is how long Close waits for the lines of the answers that are queued.
const closeTime = 300 * time.Millisecond

// Config is what New needs.
type Config struct {
	// To writes the lines, whatever its level is. It may wait; requests do not wait for it.
	To slog.Handler
	// Every is how many answers there are for one line; 1 for a line for each.
	Every uint64
	// Addresses says how much of a client's address a line has.
	Addresses network.Kept
}

// A Log is the access log. Its methods are safe for concurrent use.
type Log struct {
	cfg     Config
	seen    atomic.Uint64 // answers that may be left out
	dropped atomic.Uint64
	entries chan entry
	stop    func()        // closes stopped, once
	stopped chan struct{} // closed by Close
	done    chan struct{} // closed when the goroutine has ended
}

// New starts the log, which runs until Close.
func New(cfg Config) *Log {
	l := &Log{cfg: cfg, entries: make(chan entry, queued), stopped: make(chan struct{}), done: make(chan struct{})}
	l.stop = sync.OnceFunc(func() { close(l.stopped) })
	go l.run()
	return l
}

// Observe queues a line for an answer that is ready, unless it is left out. began is when the
// request was there; the zero time if it could not be read. It never waits.
func (l *Log) Observe(ctx *fasthttp.RequestCtx, began time.Time) {
	if !l.wants(ctx.Response.StatusCode()) {
		return
	}
	select {
	case l.entries <- entryOf(ctx, began):
	default:
		l.dropped.Add(1)
	}
}

// wants reports whether an answer gets a line: each of the server's failures, and one in Every
// of the others.
func (l *Log) wants(status int) bool {
	return l.cfg.Every == 1 || status >= fasthttp.StatusInternalServerError || l.seen.Add(1)%l.cfg.Every == 1
}

// Dropped returns how many lines were left out because the queue was full. A nil Log has
// dropped none.
func (l *Log) Dropped() uint64 {
	if l == nil {
		return 0
	}
	return l.dropped.Load()
}

// Close writes the lines that are queued, if that takes no longer than closeTime, and ends
// the log. A nil Log has nothing to close.
func (l *Log) Close() {
	if l == nil {
		return
	}
	l.stop()
	limit := time.NewTimer(closeTime)
	defer limit.Stop()
	select {
	case <-l.done:
	case <-limit.C:
	}
}

func (l *Log) run() {
	defer close(l.done)
	for {
		select {
		case e := <-l.entries:
			l.write(e)
		case <-l.stopped:
			for range len(l.entries) {
				l.write(<-l.entries)
			}
			return
		}
	}
}

func (l *Log) write(e entry) {
	_ = l.cfg.To.Handle(context.Background(), e.record(l.cfg.Addresses)) // a log that fails has nowhere to say so
}

// An entry is what a line says. It has nothing that the request owns.
type entry struct {
	at      time.Time
	took    time.Duration // negative: unknown
	method  string        // "": unknown
	route   int
	status  int
	bytes   int
	address netip.Addr
	id      string
}

func entryOf(ctx *fasthttp.RequestCtx, began time.Time) entry {
	e := entry{
		at: time.Now(), took: -1, route: metrics.RouteOfAnswer(ctx, began), status: ctx.Response.StatusCode(),
		bytes: bytesOf(ctx), address: client.Address(ctx), id: client.RequestID(ctx),
	}
	if began.IsZero() { // who the client of a proxy is, is unknown, too
		e.address = client.Peer(ctx)
		return e
	}
	e.took, e.method = max(e.at.Sub(began), 0), metrics.MethodOf(ctx.Method())
	return e
}

// record returns the line. Its level is no measure of what happened: --log-level does not
// count for the access log.
func (e entry) record(addresses network.Kept) slog.Record {
	r := slog.NewRecord(e.at, slog.LevelInfo, "request", 0)
	if e.method != "" {
		r.AddAttrs(slog.String("method", e.method))
	}
	r.AddAttrs(slog.String("route", metrics.Routes[e.route]), slog.Int("status", e.status), slog.String("class", metrics.ClassOf(e.status)))
	if e.took >= 0 {
		r.AddAttrs(slog.Float64("duration_ms", float64(e.took.Microseconds())/1000))
	}
	r.AddAttrs(slog.Int("bytes", e.bytes))
	if e.address.IsValid() {
		if kept := addresses.Text(e.address.String()); kept != "" {
			r.AddAttrs(slog.String("address", kept))
		}
	}
	r.AddAttrs(slog.String("request", e.id))
	return r
}

// bytesOf returns the length of an answer's body; 0 for a stream, which has only begun.
func bytesOf(ctx *fasthttp.RequestCtx) int {
	if ctx.IsHead() || ctx.Response.SkipBody || ctx.Response.IsBodyStream() {
		return 0
	}
	return len(ctx.Response.Body())
}
