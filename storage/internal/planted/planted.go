//go:build !planted

// Package planted has bugs that a build with the tag planted can switch on, one at a
// time, by the environment variable PLANTED_BUG. The bench of promises shows with them
// that it finds what it looks for. Without the tag they are constants, and the compiler
// leaves out what depends on them.
package planted

const (
	AnswerBeforeFsync = false // changes are answered before fsync
	TouchUpserts      = false // a refresh writes back the whole session that it has read
	SweepUnlooked     = false // the sweeper removes what it found one round before, without a second check
	LateByOne         = false // < instead of <=: a session is served at its deadline
	EndsForgotten     = false // tombstones are forgotten at a restart
	FailedFileTrusted = false // a file is written again after a failed fsync
	ReserveNotKept    = false // changes fill the session file to its end
	BackupUnmarked    = false // a backup looks like the session file itself
	UnknownServed     = false // an id that was never issued shows another session
)
