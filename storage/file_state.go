package storage

import "time"

// A FileState says how the session file is.
type FileState uint8

const (
	FileOK       FileState = iota // changes become durable
	FileSlow                      // a commit takes longer than QueueTimeout
	FileFull                      // it cannot grow; tried again each second
	FileDetached                  // it failed; memory is the truth until a new one is built
)

func (s FileState) String() string {
	switch s {
	case FileOK:
		return "ok"
	case FileSlow:
		return "slow"
	case FileFull:
		return "full"
	case FileDetached:
		return "detached"
	default:
		return "unknown"
	}
}

// A FileStatus is the state of the session file, and what an operator needs to
// mend it.
type FileStatus struct {
	State FileState
	Path  string
	Since time.Time // wall clock; zero while the state is FileOK
	Cause error     // nil while the state is FileOK
}
