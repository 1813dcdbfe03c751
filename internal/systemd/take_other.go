//go:build !linux

package systemd

import "log/slog"

// Take returns nil: there is no systemd.
func Take(*slog.Logger) *Service { return nil }
