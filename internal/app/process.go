package app

import (
	"io"
	"os"

	"pagesession/internal/systemd"
)

// Process is what the server has of the process that it runs in, and of those around it. All
// fields may be left out.
type Process struct {
	// Notices gets what a person has to read at once and a log must not keep.
	Notices io.Writer
	// Each signal from Hangups reloads the certificates.
	Hangups <-chan os.Signal
	// Hurry is closed to have a stop wait for no client any more.
	Hurry <-chan struct{}
	// Systemd has started the process; nil if something else has.
	Systemd *systemd.Service
	// Dropped returns how many lines of the log were lost. Default: none.
	Dropped func() uint64
}

func (p Process) withDefaults() Process {
	if p.Notices == nil {
		p.Notices = io.Discard
	}
	if p.Dropped == nil {
		p.Dropped = func() uint64 { return 0 }
	}
	return p
}
