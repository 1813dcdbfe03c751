package storage

import (
	"fmt"
	"time"
)

// A FileState says whether changes can be written to the session file.
type FileState uint8

const (
	FileOK       FileState = iota // changes become durable
	FileSlow                      // a commit takes longer than QueueTimeout
	FileFull                      // it cannot grow; the storage tries again each second
	FileDetached                  // it failed; sessions are in memory only until a new file is built
)

// String returns "ok", "slow", "full" or "detached", and "unknown" for other numbers.
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

// A FileStatus is the state of the session file, with what an operator needs to
// repair it.
type FileStatus struct {
	State FileState
	Path  string
	Since time.Time // wall clock; zero while the state is FileOK
	Cause error     // nil while the state is FileOK
}

// FileStatus returns the state of the session file. It takes no lock and reads nothing
// from the disk, so it returns at once also while the disk hangs. The file of a storage
// that is read-only is FileOK.
func (s *Storage) FileStatus() FileStatus { return s.writer.fileStatus() }

// fileStatus returns what Stats says of the file.
func (w *writer) fileStatus() FileStatus {
	if st := w.status.Load(); st != nil {
		return *st
	}
	if since, slow := w.slow(); slow {
		return FileStatus{State: FileSlow, Path: w.cfg.Database, Since: since, Cause: w.tooSlow()}
	}
	return FileStatus{State: FileOK, Path: w.cfg.Database}
}

// report sets a state other than FileOK and logs its beginning. Since stays while the
// state stays.
func (w *writer) report(state FileState, cause error) {
	next := &FileStatus{State: state, Path: w.cfg.Database, Since: w.line.Clock.Wall(), Cause: cause}
	if was := w.status.Load(); was != nil && was.State == state {
		next.Since = was.Since
	}
	w.status.Store(next)
	w.states.begins(next, time.Now())
}

// clear sets FileOK.
func (w *writer) clear() {
	w.status.Store(nil)
	w.states.leaves()
}

// tooSlow is the error of a disk that keeps a transaction longer than QueueTimeout.
func (w *writer) tooSlow() error {
	return fmt.Errorf("%w: a commit has not ended within %v (QueueTimeout)", ErrUnavailable, w.cfg.QueueTimeout)
}

// startCommit and endCommit enclose a transaction.
func (w *writer) startCommit(now time.Time) {
	w.busy.Store(now.UnixNano())
	w.timer.start(w.cfg.QueueTimeout, w.logSlow)
}

func (w *writer) logSlow() {
	began := time.Now().Add(-w.cfg.QueueTimeout)
	w.states.begins(&FileStatus{State: FileSlow, Path: w.cfg.Database, Cause: w.tooSlow()}, began)
}

func (w *writer) endCommit() {
	w.busy.Store(0)
	if w.timer.stop() && w.status.Load() == nil {
		w.states.leaves()
	}
}

// slow returns since when a transaction has been under way that takes longer than
// QueueTimeout; false: none does.
func (w *writer) slow() (since time.Time, slow bool) {
	began := w.busy.Load()
	since = time.Unix(0, began)
	return since, began != 0 && time.Since(since) > w.cfg.QueueTimeout
}
