package web

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// pacedLog writes at most one warning a second and counts what it left out. A
// full store refuses every visitor, and a line for each would fill the disk
// that is perhaps the trouble already.
type pacedLog struct {
	logger  *slog.Logger
	now     func() time.Time
	next    atomic.Int64 // Unix nanoseconds before which nothing is written
	skipped atomic.Int64
}

func (l *pacedLog) warn(msg string, attrs ...slog.Attr) {
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
