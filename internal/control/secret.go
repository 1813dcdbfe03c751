package control

import "log/slog"

// A Secret is a password on its way from a prompt to its hash. JSON, which the socket
// carries, has the password; fmt and slog print "(hidden)".
type Secret string

const hidden = "(hidden)"

// String returns "(hidden)".
func (Secret) String() string { return hidden }

// GoString is String for %#v.
func (Secret) GoString() string { return hidden }

// LogValue is String for slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
