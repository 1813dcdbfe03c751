package storage

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
)

// owed is ends that have taken effect, and what the file still needs of them. The
// ends belong to the last of the records, one to each.
type owed struct {
	records []uint64    // numbers of records to delete
	ends    []entry.End // at most twice Config.MaxEnded
	all     []endedAll
}

// An endedAll is the end of all sessions at once.
type endedAll struct {
	before uint64 // all records below this number have ended
	how    entry.Tombstone
	live   int // how many sessions that were
}

func (o *owed) count() int64 {
	n := len(o.records)
	for _, a := range o.all {
		n += a.live
	}
	return int64(n)
}

// split takes the first n records off, with their ends, and the ends of all sessions.
func (o *owed) split(n int) (first, rest owed) {
	if len(o.records) <= n {
		return *o, owed{}
	}
	ends := max(0, n-(len(o.records)-len(o.ends)))
	return owed{o.records[:n:n], o.ends[:ends:ends], o.all}, owed{records: o.records[n:], ends: o.ends[ends:]}
}

// trim forgets the oldest ends once there are twice as many as most, so that each
// moves once at most.
func (o *owed) trim(most int) {
	if excess := len(o.ends) - most; excess >= most {
		o.ends = append(o.ends[:0], o.ends[excess:]...)
	}
}

// debts are the ends that were answered with ErrNotDurable and are not on disk yet.
// Each batch pays some of them. Until all are paid, an end that finds its session
// ended is answered with ErrNotDurable as well.
type debts struct {
	unsaved atomic.Int64 // ends that may not be on disk, including those of the batch under way
	since   atomic.Int64 // session time when unsaved was last 0
	most    int          // Config.MaxEnded
	mu      sync.Mutex   // protects list; may be taken under a shard's lock
	list    owed
}

// incur has do end sessions in memory and call owe with each. A caller who finds one
// of them ended sees that it is unsaved, so the debt counts before do begins.
func (d *debts) incur(now int64, do func(owe func(index.Ended))) {
	if d.unsaved.Add(1) == 1 {
		d.since.Store(now)
	}
	defer d.unsaved.Add(-1)
	do(d.owe)
}

func (d *debts) owe(e index.Ended) {
	d.unsaved.Add(1)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list.records = append(d.list.records, e.Seq)
	d.list.ends = append(d.list.ends, e.End)
	d.list.trim(d.most)
}

// oweAll adds an end of all sessions.
func (d *debts) oweAll(a endedAll) {
	d.unsaved.Add(int64(a.live))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list.all = append(d.list.all, a)
}

// take returns at most n records for a batch, the oldest first. The batch gives them to paid
// or putBack.
func (d *debts) take(n int) (first owed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	first, d.list = d.list.split(n)
	return first
}

// paid says that what take returned is on disk.
func (d *debts) paid(o owed) { d.unsaved.Add(-o.count()) }

// putBack returns what a failed batch has taken to its place. If newer ends were
// forgotten meanwhile, so are these.
func (d *debts) putBack(o owed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.list.ends) < len(d.list.records) {
		o.ends = nil
	}
	d.list.records = slices.Concat(o.records, d.list.records)
	d.list.ends = slices.Concat(o.ends, d.list.ends)
	d.list.all = slices.Concat(o.all, d.list.all)
	d.list.trim(d.most)
}

// empty reports whether there is nothing for the next batch.
func (d *debts) empty() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.list.records)+len(d.list.all) == 0
}

// err returns ErrNotDurable while ends are unsaved, else nil.
func (d *debts) err() error {
	if n := d.unsaved.Load(); n > 0 {
		return fmt.Errorf("%w: %d ends wait for the disk", ErrNotDurable, n)
	}
	return nil
}
