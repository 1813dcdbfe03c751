package cli

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"time"
)

// A lineWriter writes lines to a stream in a goroutine of its own, so that a reader of
// the log who stalls or dies costs lines and nothing else. Its queue is bounded: lines
// that find no room, or that the stream refuses, are dropped and counted, and a line in
// their place says how many. It is safe for concurrent use; each Write is a line.
type lineWriter struct {
	to    io.Writer
	wake  chan struct{} // has room for one: there are lines
	empty chan struct{} // has room for one: the goroutine has written all

	mu      sync.Mutex // protects what follows
	lines   []queuedLine
	size    int // bytes of lines
	writing bool
	dropped uint64 // since the last report
	lost    uint64 // since the start
	isJSON  bool   // the form of a report
	stopped bool
}

type queuedLine struct {
	text   []byte
	stands uint64 // for so many lines: a report for those that it counts
	counts uint64 // 1, or 0 for a report, whose lines were counted before
}

// maxLines and maxLineBytes bound the queue: seconds of a busy log, and no more
// memory than a visitor's page.
const (
	maxLines     = 4096
	maxLineBytes = 1 << 20
	reportBytes  = 256 // more than a report has
)

// newLineWriter starts a writer, which runs until stop.
func newLineWriter(to io.Writer) *lineWriter {
	w := &lineWriter{to: to, wake: make(chan struct{}, 1), empty: make(chan struct{}, 1)}
	go w.run()
	return w
}

// Write queues a line, or drops it. It never waits and never fails.
func (w *lineWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped || len(w.lines)+2 > maxLines || w.size+reportBytes+len(line) > maxLineBytes {
		w.drop()
		return len(line), nil
	}
	if w.dropped > 0 {
		w.add(queuedLine{w.report(), w.dropped, 0})
		w.dropped = 0
	}
	w.add(queuedLine{bytes.Clone(line), 1, 1})
	signal(w.wake)
	return len(line), nil
}

// report returns the line that stands for those that were dropped. The caller holds the
// lock.
func (w *lineWriter) report() []byte {
	var line bytes.Buffer
	slog.New(logHandler(&line, w.isJSON, slog.LevelWarn)).Warn(
		"log lines were dropped because the reader of stderr did not take them", slog.Uint64("lines", w.dropped))
	return line.Bytes()
}

// setFormat makes the reports of dropped lines JSON, or text.
func (w *lineWriter) setFormat(isJSON bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isJSON = isJSON
}

// drop counts a line that is lost. The caller holds the lock.
func (w *lineWriter) drop() {
	w.dropped++
	w.lost++
}

// refused counts a line that the stream refused.
func (w *lineWriter) refused(line queuedLine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dropped += line.stands
	w.lost += line.counts
}

// dropIfBusy drops a line that is not written yet if half of the queue is in use.
func (w *lineWriter) dropIfBusy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	busy := len(w.lines) > maxLines/2 || w.size > maxLineBytes/2
	if busy {
		w.drop()
	}
	return busy
}

// Dropped returns how many lines were lost since the start.
func (w *lineWriter) Dropped() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost
}

// add queues a line. The caller holds the lock.
func (w *lineWriter) add(line queuedLine) {
	w.lines = append(w.lines, line)
	w.size += len(line.text)
}

func (w *lineWriter) run() {
	for range w.wake {
		for line := w.next(); line.text != nil; line = w.next() {
			if _, err := w.to.Write(line.text); err != nil {
				w.refused(line)
			}
		}
		signal(w.empty)
	}
}

// next takes the first line; its text is nil when there is none.
func (w *lineWriter) next() queuedLine {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing = len(w.lines) > 0
	if !w.writing {
		return queuedLine{}
	}
	line := w.lines[0]
	w.lines = w.lines[1:]
	w.size -= len(line.text)
	return line
}

// flush returns when all lines are written, or after so long.
func (w *lineWriter) flush(longest time.Duration) {
	limit := time.NewTimer(longest)
	defer limit.Stop()
	for w.busy() {
		select {
		case <-w.empty:
		case <-limit.C:
			return
		}
	}
}

// stop ends the goroutine, behind a line that it is writing. What is written from now
// on is dropped.
func (w *lineWriter) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped {
		w.stopped = true
		close(w.wake)
	}
}

func (w *lineWriter) busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writing || len(w.lines) > 0
}

// signal sends without waiting: one signal stands for all that wait.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
