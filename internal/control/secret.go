package control

import "log/slog"

// A Secret is a password on its way from a prompt to its hash. Only JSON,
// which goes through the socket, has it; fmt and slog print a word in its place.
type Secret string

const hidden = "(hidden)"

// String returns no part of the secret.
func (Secret) String() string { return hidden }

// GoString is String for %#v.
func (Secret) GoString() string { return hidden }

// LogValue is String for slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
