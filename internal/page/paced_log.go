package page

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// A PacedLog writes at most one warning a second and counts the rest: a full store
// refuses every visitor, and a line for each could fill the disk. It is safe for
// concurrent use.
type PacedLog struct {
	logger  *slog.Logger
	now     func() time.Time
	next    atomic.Int64 // Unix nanoseconds before which nothing is written
	skipped atomic.Int64
}

// NewPacedLog returns a log that writes to logger, paced by the clock now.
func NewPacedLog(logger *slog.Logger, now func() time.Time) *PacedLog {
	return &PacedLog{logger: logger, now: now}
}

// Warn writes a warning, or counts it for the next one's attribute "similar".
func (l *PacedLog) Warn(msg string, attrs ...slog.Attr) {
	now, next := l.now().UnixNano(), l.next.Load()
	if now < next || !l.next.CompareAndSwap(next, now+int64(time.Second)) {
		l.skipped.Add(1)
		return
	}
	if n := l.skipped.Swap(0); n > 0 {
		attrs = append(attrs, slog.Int64("similar", n))
	}
	l.logger.LogAttrs(context.Background(), slog.LevelWarn, msg, attrs...)
}
