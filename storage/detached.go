package storage

import (
	"errors"
	"fmt"
	"time"

	"pagesession/storage/internal/file"
)

// A detachment is the time from the failure of a session file to the first commit of
// a new one.
//
// After a failed write or fsync it is unknown what the disk has: the kernel drops
// the pages that it could not write, and reports that only once. So the storage
// neither writes nor reads that file again. Memory has every session and goes on
// without a file:
//
//   - Refresh and Peek work as usual. Touches stay in the shards' lists.
//   - Creations and changes get ErrUnavailable. What the failed batch held was never
//     visible, so the new file lacks it.
//   - Ends take effect at once. They get ErrNotDurable, and their entries wait in
//     owed.
//
// A goroutine builds the new file from the index under another name, syncs it,
// renames it and opens it. Records keep their numbers, so versions, touches and the
// journal stay valid; deleting a number that is missing does nothing. Then the
// writer takes the file and flushes touches, garbage and owed ends. The state is
// FileOK once nothing is owed. If a step fails, another attempt follows.
//
// If the process dies meanwhile, the old file is still under its name.
// docs/PROMISES.md says what can be missing then.
//
// All fields belong to the writer.
type detachment struct {
	err   error         // the error that changes get
	built chan built    // receives the result of the attempt under way, with room for it; nil: there is none
	retry *time.Timer   // nil while an attempt is under way
	pause time.Duration // before the next attempt
	own   ownFiles
}

// A built is the result of an attempt to build a new file.
type built struct {
	file *file.File // open; nil if err is set
	err  error
}

// Pauses between attempts. They start short, because a full disk may have room at
// any time, and double, to spare a disk that fails.
const (
	firstPause = time.Second
	maxPause   = 30 * time.Second
	// settledAfter is how long a new file has to work before its failure counts as a
	// new one, for which the first attempt starts at once.
	settledAfter = time.Minute
)

func (d *detachment) result() <-chan built {
	if d == nil {
		return nil
	}
	return d.built
}

func (d *detachment) due() <-chan time.Time {
	if d == nil || d.retry == nil {
		return nil
	}
	return d.retry.C
}

// detach gives the file up and starts to build a new one.
func (w *writer) detach(cause error) error {
	d := &detachment{pause: firstPause}
	d.err = w.unavailable(cause)
	w.detached = d
	w.report(FileDetached, cause)
	old := w.file.Load()
	w.abandoned.Go(old.Abandon)
	if errors.Is(cause, file.ErrChanged) {
		_ = old.Handle().Close() // what is at the name is not what this process wrote
	} else {
		d.own.files = append(d.own.files, old.Handle())
	}
	if time.Since(w.resumed) < settledAfter {
		d.pause = max(d.pause, w.pause)
		w.later()
	} else {
		w.rebuild()
	}
	return d.err
}

func (w *writer) unavailable(cause error) error {
	return fmt.Errorf("%w: session file %q is detached: %w", ErrUnavailable, w.cfg.Database, cause)
}

// later schedules the next attempt after a pause.
func (w *writer) later() {
	d := w.detached
	d.retry = time.NewTimer(d.pause)
	d.pause = min(2*d.pause, maxPause)
}

// rebuild starts an attempt. Only one is under way at a time.
func (w *writer) rebuild() {
	d := w.detached
	if d.retry != nil {
		d.retry.Stop()
		d.retry = nil
	}
	d.built = make(chan built, 1)
	r := &rebuilder{
		path: w.cfg.Database, index: w.index, line: w.line, lock: w.lock,
		file: w.file.Load().Successor(), own: &d.own, log: w.cfg.Logger,
	}
	go func() {
		f, err := r.run()
		d.built <- built{f, err}
	}()
}

// rebuilt takes the result of an attempt: the new file, or why there is none yet.
func (w *writer) rebuilt(r built) error {
	d := w.detached
	d.built = nil
	if r.err != nil {
		return w.notBuilt(r.err)
	}
	d.own.close()
	w.file.Store(r.file)
	w.pause, w.resumed, w.detached = d.pause, time.Now(), nil
	return w.commit(nil, true)
}

// notBuilt logs each new reason once and schedules the next attempt.
func (w *writer) notBuilt(cause error) error {
	if was := w.status.Load(); was == nil || was.Cause.Error() != cause.Error() {
		w.cfg.Logger.Error("session file cannot be rebuilt yet; trying again", "file", w.cfg.Database, "error", cause)
	}
	w.detached.err = w.unavailable(cause)
	w.report(FileDetached, cause)
	if isRoom(cause) {
		w.detached.pause = firstPause
	}
	w.later()
	return w.detached.err
}

// finish makes the last commits, until no end is owed, and closes the file. If the
// file is detached, now or by a commit, finish waits for the attempt under way and
// makes one more if that fails. It leaves no attempt behind: that would rename a file
// after Close. Its error says if ends are missing from the file.
func (w *writer) finish() error {
	err := w.payAll(w.commit(nil, true))
	for tries := 0; w.detached != nil && (tries < 2 || w.detached.built != nil); tries++ {
		if w.detached.built == nil {
			w.rebuild()
		}
		err = w.payAll(w.rebuilt(<-w.detached.built))
	}
	err = errors.Join(err, w.owed.err())
	if w.detached == nil {
		err = errors.Join(err, w.file.Load().Close())
	} else {
		w.detached.own.close()
		w.detached.retry.Stop()
	}
	w.abandoned.Wait()
	return err
}

// payAll makes commits until nothing is owed or one fails. It gets and returns the
// error of the last commit.
func (w *writer) payAll(err error) error {
	for err == nil && !w.owed.empty() {
		err = w.commit(nil, true)
	}
	return err
}

// refuses returns why a change cannot be queued, or nil. While a commit hangs, nothing
// would be answered in time. While the file is detached, only ends can; while it is
// full, flushes as well.
func (w *writer) refuses(c *change) error {
	if _, slow := w.slow(); slow {
		return w.tooSlow()
	}
	st := w.status.Load()
	switch {
	case st == nil || c.onlyEnds():
		return nil
	case st.State == FileDetached:
		return w.unavailable(st.Cause)
	case st.State == FileFull && !isBarrier(c):
		return w.noRoom(st.Cause)
	default:
		return nil
	}
}

// endInMemory answers a change that the file could not take. An end takes effect and
// is owed to the file. Any other change gets the cause.
func (w *writer) endInMemory(c *change, cause error) {
	c.ok, c.ended, c.err = false, 0, nil
	switch c.kind {
	case finish:
		c.ok = w.endNow(&c.key, c.reason)
	case finishSubject:
		c.ended = w.endSubjectInMemory(c)
	case reset:
		c.ended = w.endAllNow(c.reason)
		w.index.AllowAll()
	default:
		c.err = cause
		return
	}
	if c.ok || c.ended > 0 || w.unsaved(c) != nil {
		c.err = notDurable(cause)
	}
}

func (w *writer) endSubjectInMemory(c *change) (ended int) {
	for _, k := range w.index.KeysOf(*c.subject) {
		now, _ := w.index.LookUp(&k)
		if now.Seq == 0 || !c.endsOne(&now) {
			continue
		}
		ended += one(w.endNow(&k, c.reason))
	}
	return ended
}
