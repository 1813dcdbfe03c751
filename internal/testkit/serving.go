package testkit

import (
	"context"
	"log/slog"
)

// Serving is a log handler that sends the URL of a started server, for example
// "http://127.0.0.1:8000/". Its channel needs room for one.
type Serving chan string

// Enabled returns true.
func (Serving) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs returns s.
func (s Serving) WithAttrs([]slog.Attr) slog.Handler { return s }

// WithGroup returns s.
func (s Serving) WithGroup(string) slog.Handler { return s }

// Handle sends the URL of the line "serving".
func (s Serving) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(attr slog.Attr) bool {
		if r.Message == "serving" && attr.Key == "url" {
			s <- attr.Value.String()
		}
		return true
	})
	return nil
}
