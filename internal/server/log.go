package server

import (
	"fmt"
	"log/slog"
)

// engineLog takes the engine's own messages. Any client can cause one with a
// broken request, so they are for debugging only.
type engineLog struct{ log *slog.Logger }

func (l engineLog) Printf(format string, args ...any) {
	l.log.Debug("http engine", "message", fmt.Sprintf(format, args...))
}
