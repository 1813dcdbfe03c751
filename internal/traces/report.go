package traces

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
)

// pause is the least time between two lines about traces that could not be sent. Each batch of
// a collector that is away is an error, one every few seconds.
const pause = time.Minute

// longestReason bounds what the log has of an error, which may quote the collector's answer.
const longestReason = 200

// report has the SDK say its errors in the log. The SDK has one place for that in a process.
func report(log *slog.Logger) {
	s := &sink{log: log}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { s.failed(err) }))
	otel.SetLogger(logr.New(s))
}

// A sink writes the errors of the SDK, of sending at most one a minute. It leaves out everything but the
// error, because the SDK quotes variables, which may have passwords.
type sink struct {
	log     *slog.Logger
	next    atomic.Int64 // Unix nanoseconds before which nothing is written
	skipped atomic.Int64
}

// failed writes that spans could not be sent, or why.
func (s *sink) failed(err error) {
	now, next := time.Now().UnixNano(), s.next.Load()
	if now < next || !s.next.CompareAndSwap(next, now+int64(pause)) {
		s.skipped.Add(1)
		return
	}
	s.log.Warn("traces are incomplete", reason(err), slog.Int64("similar", s.skipped.Swap(0)))
}

func reason(err error) slog.Attr {
	return slog.String("error", fmt.Sprintf("%.*s", longestReason, err))
}

// Init does nothing.
func (*sink) Init(logr.RuntimeInfo) {}

// Enabled returns false: only errors are of interest.
func (*sink) Enabled(int) bool { return false }

// Info does nothing.
func (*sink) Info(int, string, ...any) {}

// Error writes an error of a variable, at the start.
func (s *sink) Error(err error, msg string, _ ...any) {
	s.log.Warn("a variable OTEL_… is not understood", reason(fmt.Errorf("%s: %w", msg, err)))
}

// WithValues returns s.
func (s *sink) WithValues(...any) logr.LogSink { return s }

// WithName returns s.
func (s *sink) WithName(string) logr.LogSink { return s }
