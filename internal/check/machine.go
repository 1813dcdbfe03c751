package check

import (
	"fmt"
	"time"
)

func clockInThePast(f Facts, say report) {
	if c := f.Clock; !c.Built.IsZero() && c.Now.Before(c.Built) {
		say(fmt.Sprintf("This machine's clock says %s, which is before the program was built (%s). Certificates look invalid, and dates are wrong.", day(c.Now), day(c.Built)),
			"Set the clock, and have it synchronized, for example by systemd-timesyncd or chrony.")
	}
}

// Files are written a little later than the clock was read, and steps of a few seconds are
// a synchronization's.
const clockTolerance = time.Minute

func clockJumped(f Facts, say report) {
	const cure = "Have it synchronized, for example by systemd-timesyncd or chrony, so that it does not jump."
	if jump := f.Clock.Jumped; jump.Abs() > clockTolerance {
		say(fmt.Sprintf("This machine's clock was set by %s while the server ran, or the machine slept. Sessions are not touched by that; dates in lists and in the audit log are.", jump.Round(time.Second)), cure)
	}
	if ahead := f.Files.Newest.Sub(f.Clock.Now); !f.Files.Newest.IsZero() && ahead > clockTolerance {
		say(fmt.Sprintf("A file in %q was changed %s in the future, so the clock was set back. Dates in the audit log may be wrong.", f.Files.Folder, ahead.Round(time.Second)), cure)
	}
}

func clockUnsynchronized(f Facts, say report) {
	if f.Clock.Unsynchronized {
		say("The kernel says that this machine's clock is not synchronized. Codes of authenticator apps fail when it is a minute off, and certificates look invalid when it is days off.",
			"Start systemd-timesyncd, chrony or ntpd; timedatectl shows the result.")
	}
}

// ownFiles is how many files the server itself has open, with a margin.
const ownFiles = 100

func fewFiles(f Facts, say report) {
	need := uint64(f.Settings.Connections) + uint64(f.Settings.MaxStreams) + ownFiles
	if has := f.Process.Files; has > 0 && has < need {
		say(fmt.Sprintf("The process may have %d files open, and %d connections with %d streams need %d.", has, f.Settings.Connections, f.Settings.MaxStreams, need),
			fmt.Sprintf("Set LimitNOFILE=%d in the systemd unit, or ulimit -n, or lower --max-streams.", need))
	}
}

// Memory for a session with 80 bytes of data, see docs/BOUNDS.md, and for all else: connections
// at 25 KiB each, pages, and the garbage collector's room.
const (
	memoryPerSession = 500
	memoryReserve    = 300 << 20
)

func littleMemory(f Facts, say report) {
	need := int64(f.Settings.MaxSessions)*memoryPerSession + memoryReserve
	if has := f.Process.Memory; has > 0 && has < need {
		say(fmt.Sprintf("The server may use %s of memory, and %d sessions may need %s.", size(has), f.Settings.MaxSessions, size(need)),
			"Give it more memory, or lower --max-sessions.")
	}
}

func runsAsRoot(f Facts, say report) {
	if f.Serving != nil && f.Process.Root {
		say("The server runs as root, so a mistake in it could change anything on this machine.",
			"Run it as a user of its own, as deploy/pagesession.service does.")
	}
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
