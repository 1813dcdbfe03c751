package cli

import (
	"context"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"pagesession/internal/config"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// serverLog returns the log of the server: as cfg says, with warnings and errors first when
// the reader of stderr is slow.
func (p *Program) serverLog(cfg config.Config) *slog.Logger {
	isJSON := cfg.LogFormat == config.LogJSON || cfg.LogFormat == config.LogAuto && !p.onTerminal
	p.lines.setFormat(isJSON)
	return slog.New(spare{logHandler(p.lines, isJSON, cfg.LogLevel), p.lines})
}

func logHandler(to io.Writer, isJSON bool, level slog.Level) slog.Handler {
	options := &slog.HandlerOptions{Level: level}
	if isJSON {
		options.ReplaceAttr = withUnit
		return slog.NewJSONHandler(to, options)
	}
	return slog.NewTextHandler(to, options)
}

// withUnit writes a duration as 1m30s, as text logs do. JSON has a number of nanoseconds otherwise,
// which no reader can tell from seconds.
func withUnit(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

// spare drops lines below warnings while half of the queue is in use, so that the access
// log of a busy server leaves room for what an operator has to know.
type spare struct {
	slog.Handler
	lines *lineWriter
}

// Handle writes a line, or drops it and counts it.
func (s spare) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn && s.lines.dropIfBusy() {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs returns a handler that adds attributes.
func (s spare) WithAttrs(attrs []slog.Attr) slog.Handler {
	return spare{s.Handler.WithAttrs(attrs), s.lines}
}

// WithGroup returns a handler that puts further attributes into a group.
func (s spare) WithGroup(name string) slog.Handler { return spare{s.Handler.WithGroup(name), s.lines} }
