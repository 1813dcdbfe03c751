package storage

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// A writer is the only goroutine that writes to the file, and the only one
// that changes a record's value, lifetime or place.
//
// It takes whatever changes have queued, decides each against the index and
// the changes before it, writes all of them in one transaction, fsyncs, makes
// them visible in the index, answers, and starts again at once with what came
// meanwhile. There is no timer: a lone change waits for one commit, a thousand
// share one. (bbolt's own Batch makes a lone caller wait up to 10 ms and may
// run a function twice.)
//
//	visible   after the fsync, before the answer
//	durable   after the fsync
//
// Every FlushInterval the transaction also takes the touches, the ends of
// swept sessions, and the deletion of what nobody needs. Garbage is only
// deleted together with a flush: a value of old touches may go only when the
// touches that replaced it are in the same transaction.
type writer struct {
	db      *bbolt.DB
	bucket  []byte
	index   *index
	line    *timeline
	trash   *garbage
	journal *journal
	limits  limits
	log     *slog.Logger

	queue    chan *change
	interval time.Duration
	done     chan struct{}

	fence atomic.Pointer[error] // set once: nothing is written any more
	stats writerStats

	// Owned by the goroutine.
	seq       uint64 // of the last record, flush or list of ends
	lastFlush time.Time
	batch     []*change
	buf       []byte  // frames of the transaction under way
	graves    []grave // lists of ends in the file, oldest first
	full      bool    // the last commit found the disk full
}

type limits struct {
	sessions int
	bytes    int64
	ended    int
}

// A grave is one list of ends in the file.
type grave struct {
	no uint64
	at int64
	n  int
}

const (
	// maxBatch bounds a transaction, and with it the longest wait of the
	// change that came just too late for it.
	maxBatch = 4096
	// maxGarbage bounds what one flush deletes: about 20 ms of work.
	maxGarbage = 20_000
)

func (w *writer) run() {
	defer close(w.done)
	ticker := time.NewTicker(w.interval)
	defer ticker.Stop()
	for {
		select {
		case c, open := <-w.queue:
			if !open {
				w.commit(nil, true)
				return
			}
			batch, flush := w.gather(c)
			w.commit(batch, flush || time.Since(w.lastFlush) >= w.interval)
		case <-ticker.C:
			w.commit(nil, true)
		}
	}
}

// gather takes what waits, up to maxBatch. A reset goes alone: what comes
// behind it must find the index empty. A barrier asks for a flush.
func (w *writer) gather(first *change) (batch []*change, flush bool) {
	w.batch = w.batch[:0]
	for c := first; ; {
		if c.state.CompareAndSwap(queued, taken) {
			w.batch = append(w.batch, c)
			flush = flush || c.kind == barrier
		}
		if c.kind == reset || len(w.batch) == maxBatch {
			return w.batch, flush
		}
		select {
		case next, open := <-w.queue:
			if !open {
				return w.batch, true
			}
			c = next
		default:
			return w.batch, flush
		}
	}
}

// commit makes a batch durable, visible and answered, in this order.
func (w *writer) commit(changes []*change, flush bool) {
	if w.fenced() != nil {
		w.answer(changes, w.fenced())
		return
	}
	b := w.begin(changes, flush)
	start := time.Now()
	err := w.update(b)
	if err != nil {
		err = w.failed(b, err)
	} else {
		w.publish(b)
		w.stats.commit(b, time.Since(start))
	}
	w.answer(changes, err)
}

// update runs the batch in one transaction. bbolt panics, or reads from a page
// that is not there any more (SIGBUS), when the file is cut off under it; both
// come back as errors.
func (w *writer) update(b *batch) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the session file: %v", p)
		}
	}()
	tx, err := w.db.Begin(true)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // no effect after Commit
	b.txid = tx.ID()
	if err := b.write(tx); err != nil || !b.wrote {
		return err
	}
	return tx.Commit()
}

// failed undoes what memory had prepared. A full disk is a state to wait out:
// bbolt has not moved on, and the next commit tries again. After any other
// error it is unknown which pages the disk holds, so the file is not written
// again by this process; reads and refreshes go on.
func (w *writer) failed(b *batch, cause error) error {
	if b.flushNo != 0 {
		w.journal.undo(b.flushNo)
	}
	w.trash.add(b.oldRecords, b.swept)
	if isFull(cause) && !w.advanced(b) {
		if !w.full {
			w.log.Error("session file cannot grow; changes are refused until it can", "error", cause)
		}
		w.full = true
		return fmt.Errorf("%w: %w", ErrFull, cause)
	}
	err := fmt.Errorf("%w: %w", ErrUnavailable, cause)
	w.fence.Store(&err)
	w.log.Error("session file failed and is not written any more; restart when the disk is well", "error", cause)
	return err
}

// advanced reports whether readers see the failed transaction: bbolt has
// written its meta page and then failed to sync it.
func (w *writer) advanced(b *batch) bool {
	tx, err := w.db.Begin(false)
	if err != nil {
		return true
	}
	defer func() { _ = tx.Rollback() }()
	return b.txid == 0 || tx.ID() >= b.txid
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		errors.Is(err, syscall.EFBIG) || errors.Is(err, berrors.ErrMaxSizeReached)
}

func (w *writer) fenced() error {
	if p := w.fence.Load(); p != nil {
		return *p
	}
	return nil
}

func (w *writer) answer(changes []*change, err error) {
	for _, c := range changes {
		if err != nil && c.err == nil {
			c.err = err
		}
		close(c.done)
	}
}

func (w *writer) nextSeq() uint64 {
	w.seq++
	return w.seq
}
