package testkit

import (
	"bytes"
	"sync"
)

// A Log collects the output of a logger or a process. It is safe for concurrent use. The
// zero value is empty and ready.
type Log struct {
	mu  sync.Mutex // protects buf
	buf bytes.Buffer
}

// Write adds p. It never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns everything that was written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
