package storage

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
	"pagesession/storage/internal/planted"
	"pagesession/storage/record"
)

// A writer is the only goroutine that writes to the file, and the only one that
// changes a session's value, lifetime or place in the file.
//
// It takes the changes that have queued, decides each one against the index and the
// changes before it, writes all of them in one transaction, syncs, makes them
// visible in the index, answers the callers, and starts again with what has queued
// meanwhile. No timer delays a change: a lone one waits for one commit, a thousand
// share one. (bbolt's own Batch delays a lone caller by up to 10 ms and may run a
// function twice.) Before it takes the changes, the writer yields the processor
// once. On a busy machine a commit then carries half as many changes again.
//
// Every FlushInterval the transaction also has the touches, the ends of swept
// sessions, and the deletion of garbage. Old touches must be deleted in the same
// transaction as the newer touches that replace them, or in a later one.
//
// When the file fails it is detached: see detachment.
type writer struct {
	cfg     Config
	lock    *file.Lock                // for the rebuilder and Close
	file    atomic.Pointer[file.File] // only the goroutine changes it
	index   *index.Index
	line    *clock.Timeline
	trash   *garbage
	owed    debts
	more    chan struct{} // receives when a batch has left ends to pay; has room for one
	journal *journal
	sweeper *sweeper
	waits   *waits
	move    atomic.Pointer[record.Move] // what the mark says; nil: nothing

	queue       chan *change
	queuedBytes atomic.Int64 // bytes of the values in the queue
	done        chan struct{}

	showing sync.Mutex // held while a batch becomes visible; protects shown
	shown   uint64     // the last number that a visible session can have

	status atomic.Pointer[FileStatus] // nil: FileOK
	states *stateLog
	timer  commitTimer
	busy   atomic.Int64 // when the transaction under way began, in Unix ns; 0: there is none
	stats  tally

	// Owned by the writer's goroutine.
	lastFlush time.Time
	search    roomSearch    // for room at MaxSessions and MaxBytes
	purge     pacer         // of commits that only delete garbage
	took      time.Duration // by the last transaction
	batch     []*change
	next      *change        // already taken from the queue, for the next batch
	repairs   repairs        // those that failed
	failing   bool           // the last transaction did not fit
	garbage   int            // the most records that a flush deletes
	relieved  time.Time      // when it last looked for room in a full file
	stopping  bool           // the next flush is the last
	detached  *detachment    // nil: the file can be written
	resumed   time.Time      // when a new file last replaced a failed one
	pause     time.Duration  // the pause before the next attempt if the new file fails soon
	abandoned sync.WaitGroup // files that are being closed
	last      error          // error of the flush at Close; read after done is closed
}

const (
	// maxBatch and maxBatchBytes bound a transaction, and so how long a change waits
	// that has just missed it.
	maxBatch      = 4096
	maxBatchBytes = 4 << 20
	// maxQueuedBytes bounds the values in the queue, which Config.MaxBytes does not
	// count yet.
	maxQueuedBytes = 64 << 20
)

// accept queues a change, or returns ErrFull when too many wait. Half of the queue
// is kept for changes that only end sessions.
func (w *writer) accept(c *change) error {
	crowded := len(w.queue) >= cap(w.queue)/2 || w.queuedBytes.Load() > maxQueuedBytes
	if !crowded || c.onlyEnds() {
		select {
		case w.queue <- c:
			w.queuedBytes.Add(int64(len(c.value)))
			return nil
		default:
		}
	}
	return fmt.Errorf("%w: %d changes wait for the disk (QueueSize)", ErrFull, len(w.queue))
}

func (w *writer) run() {
	defer close(w.done)
	ticker := time.NewTicker(w.cfg.FlushInterval)
	defer ticker.Stop()
	w.purge.start()
	defer w.purge.timer.Stop()
	for {
		w.states.settle()
		w.planPurge()
		c, open := w.next, true
		w.next = nil
		if c == nil {
			select {
			case c, open = <-w.queue:
			case <-ticker.C:
			case <-w.more:
				_ = w.commit(nil, false)
				continue
			case <-w.purge.timer.C:
				w.purge.due = false
				_ = w.commit(nil, false)
				continue
			case r := <-w.detached.result():
				_ = w.rebuilt(r) // rebuilt logs the error
				continue
			case <-w.detached.due():
				w.rebuild()
				continue
			}
		}
		if !open {
			w.stopping = true
			w.last = w.finish()
			return
		}
		if c != nil {
			runtime.Gosched() // other goroutines may be about to queue a change
		}
		batch, flush := w.gather(c)
		_ = w.commit(batch, flush || c == nil || time.Since(w.lastFlush) >= w.cfg.FlushInterval)
		clear(w.batch)
	}
}

// gather takes the changes that wait, up to maxBatch and maxBatchBytes. A change
// that needs a batch of its own is alone in it. A barrier asks for a flush.
func (w *writer) gather(first *change) (batch []*change, flush bool) {
	w.batch = w.batch[:0]
	size := 0
	for c := first; c != nil; c = w.poll() {
		if c.alone() && len(w.batch) > 0 {
			w.next = c
			break
		}
		if w.queuedBytes.Add(-int64(len(c.value))); c.take() {
			w.batch = append(w.batch, c)
			flush = flush || c.kind == barrier
		}
		size += len(c.value)
		if c.alone() || len(w.batch) == maxBatch || size > maxBatchBytes {
			break
		}
	}
	return w.batch, flush
}

// poll returns a waiting change, or nil.
func (w *writer) poll() *change {
	select {
	case c := <-w.queue: // nil when the queue is closed and empty
		return c
	default:
		return nil
	}
}

// commit makes a batch durable, then visible, then answers it. A flush that failed
// before is written first, because a barrier in the batch may wait for it.
func (w *writer) commit(changes []*change, flush bool) (failed error) {
	tight := w.isTight()
	switch {
	case flush && tight && w.relieve(changes):
		if err := w.flushFull(); err != nil {
			changes, failed = w.answerBarriers(changes, err), err
		}
	case flush && !tight && w.journal.held:
		if err := w.attempt(w.begin(nil, true)); err != nil {
			w.fail(changes, err)
			return err
		}
	}
	if flush && !w.repairs.empty() && failed == nil {
		due := w.repairs
		w.repairs = repairs{}
		_ = w.attempt(w.repair(due))
		w.owed.unsaved.Add(-int64(len(due.late)))
	}
	b := w.begin(changes, flush && !tight)
	if err := w.attempt(b); err != nil {
		w.fail(changes, err)
		return errors.Join(failed, err)
	}
	for _, c := range changes {
		if !c.late && !c.lengthens() {
			c.answer(c.err)
		}
	}
	w.takeBack(b)
	w.extend(changes)
	return failed
}

// extend answers changes that made a deadline later, behind a flush with their
// touches: until then a crash would end their sessions at the old deadline. They are
// made whatever becomes of the flush, as a refresh is.
func (w *writer) extend(changes []*change) {
	if !slices.ContainsFunc(changes, (*change).lengthens) {
		return
	}
	_ = w.commit(nil, true)
	for _, c := range changes {
		if c.lengthens() {
			c.answer(c.err)
		}
	}
}

// takeBack removes from the file what became durable but must not become visible,
// before the callers that still wait are answered. If that fails they get the disk's
// error, since a crash could bring the change back. The next flush tries again.
func (w *writer) takeBack(b *batch) {
	if b.repairs.empty() {
		return
	}
	err := w.attempt(w.repair(b.repairs))
	for _, c := range b.changes {
		if c.late {
			c.err = cmp.Or(err, c.err)
			c.answer(c.err)
		}
	}
}

// attempt runs one transaction. It publishes a durable batch, and undoes in memory
// what a failed one had prepared. While the file is detached it does neither.
func (w *writer) attempt(b *batch) error {
	if w.detached != nil {
		w.putOff(b.repairs)
		return w.detached.err
	}
	start := time.Now()
	w.startCommit(start)
	defer w.endCommit()
	if err := w.check(b); err != nil {
		return w.failed(b, err)
	}
	if err := w.update(b); err != nil {
		return w.failed(b, err)
	}
	w.publish(b)
	w.took = time.Since(start)
	w.stats.commit(b, w.took)
	return nil
}

// check looks at the file before each flush, so at least once a second.
func (w *writer) check(b *batch) error {
	if !b.flush {
		return nil
	}
	return w.file.Load().Check()
}

// update writes the batch in one transaction.
func (w *writer) update(b *batch) (err error) {
	b.txid, err = w.file.Load().Update(func(tx *file.Tx) error {
		b.tx = tx
		err := b.write()
		b.wrote = tx.Wrote
		return err
	})
	if err == nil {
		b.written = b.tx.Bytes
	}
	return err
}

// failed undoes what memory had prepared for a batch. After a full disk the next
// commit tries again. After any other error it is unknown which pages the disk
// holds, so the file is detached.
func (w *writer) failed(b *batch, cause error) error {
	if b.repairs.empty() {
		w.trash.add(b.oldRecords, b.swept)
	} else {
		w.putOff(b.repairs)
	}
	w.owed.putBack(b.owed)
	if errors.Is(cause, file.ErrNoRoom) {
		w.failing = true
		w.becomeFull(cause)
		return fmt.Errorf("%w: %w", ErrFull, cause)
	}
	if planted.FailedFileTrusted {
		return fmt.Errorf("%w: %w", ErrUnavailable, cause)
	}
	return w.detach(cause)
}

// putOff keeps repairs for the next flush. Until then the file has late records, of
// sessions that may have ended since.
func (w *writer) putOff(r repairs) {
	w.repairs.add(r)
	if n := int64(len(r.late)); n > 0 && w.owed.unsaved.Add(n) == n {
		w.owed.since.Store(w.line.Now())
	}
}

// fail answers changes whose decision was not written. An end takes effect and is
// owed to the file; any other change gets the cause. Callers that gave up have ended
// their sessions themselves, except a subject's sessions that were rotated
// meanwhile.
func (w *writer) fail(changes []*change, cause error) {
	for _, c := range changes {
		c.left = !c.state.CompareAndSwap(taken, deciding)
		if !c.left || c.kind == finishSubject {
			w.endInMemory(c, cause)
		}
		c.state.CompareAndSwap(deciding, settled)
		c.answer(c.err)
	}
}
