package storage

import (
	"log/slog"
	"sync"
	"time"
)

// A stateLog writes the lines about the states of the session file: one when a state
// begins, and one when it has ended, with its length. A disk that is full or slow has
// moments without trouble, so such a state has ended only if it stays away for a while.
type stateLog struct {
	log   *slog.Logger
	quiet time.Duration // how long a state stays away until it has ended

	mu    sync.Mutex // protects what follows; not held while a line is written
	said  FileStatus // whose beginning is in the log; FileOK: all is well
	since time.Time  // when it began, on the monotonic clock
	away  time.Time  // since when it has stayed away; zero: it is there
}

// begins says that the file is in a state other than FileOK.
func (l *stateLog) begins(st *FileStatus, began time.Time) {
	l.mu.Lock()
	l.away = time.Time{}
	known := l.said.State == st.State || st.State == FileSlow && l.said.State != FileOK
	if !known {
		l.said, l.since = *st, began
	}
	l.mu.Unlock()
	if known {
		return
	}
	message := map[FileState]string{
		FileSlow:     "write to the session file takes too long; changes are refused until it is done; check the disk",
		FileFull:     "session file cannot grow; changes are refused until it can, ends go on; make room on the disk, or raise the file's largest size",
		FileDetached: "session file cannot be used; sessions are only in memory until it is rebuilt, and changes are refused until then; check the disk and keep the process running",
	}[st.State]
	l.log.Error(message, slog.String("state", st.State.String()), slog.String("file", st.Path), slog.Any("error", st.Cause))
}

// leaves says that the file is FileOK at this moment.
func (l *stateLog) leaves() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said.State != FileOK && l.away.IsZero() {
		l.away = time.Now()
	}
}

// settle writes the line of a state that has ended. A new file in place of one that
// failed ends the state at once.
func (l *stateLog) settle() {
	l.mu.Lock()
	st := l.said
	ended := st.State != FileOK && !l.away.IsZero() && (st.State == FileDetached || time.Since(l.away) >= l.quiet)
	lasted := l.away.Sub(l.since)
	if ended {
		l.said = FileStatus{}
	}
	l.mu.Unlock()
	if !ended {
		return
	}
	message := map[FileState]string{
		FileSlow:     "session file is written in time again; changes are accepted",
		FileFull:     "session file can grow again; changes are accepted",
		FileDetached: "session file was rebuilt from memory; changes are accepted again",
	}[st.State]
	l.log.Warn(message, slog.String("state", st.State.String()), slog.String("file", st.Path), slog.Duration("lasted", lasted.Round(time.Millisecond)))
}

// A commitTimer notices a transaction that takes longer than QueueTimeout, while the
// writer waits for it.
type commitTimer struct {
	timer *time.Timer
	said  chan struct{} // receives when slow has run, with room for it
}

// start begins to watch a transaction.
func (t *commitTimer) start(limit time.Duration, slow func()) {
	if t.timer != nil {
		t.timer.Reset(limit)
		return
	}
	t.said = make(chan struct{}, 1)
	t.timer = time.AfterFunc(limit, func() {
		slow()
		t.said <- struct{}{}
	})
}

// stop ends that, and reports whether slow has run.
func (t *commitTimer) stop() bool {
	if t.timer.Stop() {
		return false
	}
	<-t.said
	return true
}
