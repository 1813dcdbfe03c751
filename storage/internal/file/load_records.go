package file

import (
	"cmp"
	"encoding/binary"
	"errors"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"pagesession/storage/internal/entry"
)

// readRecords reads all records in the order of their numbers, decodes them on all
// processors, and returns their digest. Records are most of a file: one goroutine walks
// through the pages, which costs little, and hands out values in batches. When the context
// is done, some are missing. Where bbolt or a batch panics, readRecords does, once all its
// goroutines have ended.
func (l *Loaded) readRecords(b *bbolt.Bucket) (sum digest) {
	batches := l.decodeBatches(b)
	l.Records = make([]*entry.Entry, 0, len(batches)*EntriesBetweenLooks)
	for _, x := range batches {
		if x.panicked != nil {
			panic(x.panicked) // see read
		}
		sum += x.sum
		l.Broken += x.broken
		l.RecordBytes += x.bytes
		l.last = max(l.last, x.last)
		l.Records = append(l.Records, x.records...)
		if x.newer != nil {
			l.newer = x.newer
		}
	}
	if !l.newest.Sorted {
		slices.SortFunc(l.Records, func(a, b *entry.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	l.seqs = make([]uint64, len(l.Records))
	for i, r := range l.Records {
		if i%EntriesBetweenLooks == 0 && l.ctx.Err() != nil {
			break // readOwn looks again
		}
		l.seqs[i] = r.Seq
	}
	return sum
}

// decodeBatches returns the batches of all values, in file order.
func (l *Loaded) decodeBatches(b *bbolt.Bucket) (all []*batch) {
	workers := runtime.GOMAXPROCS(0)
	batches, free := make(chan *batch, workers), make(chan []pair, 2*workers+1)
	var decoding sync.WaitGroup
	for range workers {
		decoding.Go(func() {
			for x := range batches {
				x.decode()
				free <- x.take()
			}
		})
	}
	defer decoding.Wait()
	defer close(batches)
	for range cap(free) {
		free <- make([]pair, 0, EntriesBetweenLooks)
	}
	next := &batch{pairs: <-free}
	hand := func() {
		all = append(all, next)
		batches <- next
		next = &batch{pairs: <-free}
	}
	_ = b.ForEach(func(k, v []byte) error {
		if next.pairs = append(next.pairs, pair{k, v}); len(next.pairs) == cap(next.pairs) {
			hand()
			return l.ctx.Err() // readOwn looks again
		}
		return nil
	})
	hand()
	return all
}

// A pair is a key and a value in the file.
type pair struct{ key, value []byte }

// A batch is some values of the records' bucket, and what they hold.
type batch struct {
	pairs   []pair
	records []*entry.Entry

	sum      digest
	last     uint64 // the largest number
	bytes    int64  // of keys and values
	broken   int    // values that are not frames under a number
	newer    error  // see Loaded
	panicked any    // where the file was cut off meanwhile
}

// take returns the memory of the pairs, which are decoded.
func (x *batch) take() []pair {
	pairs := x.pairs[:0]
	x.pairs = nil
	return pairs
}

func (x *batch) decode() {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { x.panicked = recover() }()
	entries := make([]entry.Entry, len(x.pairs))
	x.records = make([]*entry.Entry, 0, len(x.pairs))
	for i, p := range x.pairs {
		x.sum += hashEntry(p.key, p.value)
		x.bytes += int64(len(p.key) + len(p.value))
		if len(p.key) != 8 || p.value == nil {
			x.broken++
			continue
		}
		seq := binary.BigEndian.Uint64(p.key)
		x.last = max(x.last, seq)
		switch err := decodeRecord(&entries[i], seq, p.value); {
		case err == nil:
			x.records = append(x.records, &entries[i])
		case errors.Is(err, ErrNewerFormat):
			x.newer = err
		default:
			x.broken++
		}
	}
}

// touchesAtOnce is how many touches are applied together: enough to share them among
// processors.
const touchesAtOnce = 1 << 16

// touch applies the touches that were read, on all processors: each has some of the records.
func (l *Loaded) touch() {
	parts := runtime.GOMAXPROCS(0)
	var touching sync.WaitGroup
	for part := range parts {
		from, to := len(l.seqs)*part/parts, len(l.seqs)*(part+1)/parts
		touching.Go(func() { touchRecords(l.Records[from:to], l.seqs[from:to], l.touched) })
	}
	touching.Wait()
	l.touched = l.touched[:0]
}

// touchRecords applies the touches of some records, whose numbers are seqs.
func touchRecords(records []*entry.Entry, seqs []uint64, touches []entry.Touch) {
	if len(seqs) == 0 {
		return
	}
	for _, t := range touches {
		if t.Seq < seqs[0] || t.Seq > seqs[len(seqs)-1] {
			continue
		}
		if i, ok := search(seqs, t.Seq); ok {
			records[i].Touch(t.Used)
			records[i].Until = 0 // it was seen in time
		}
	}
}

// searchNear is how far from its guess search looks at first.
const searchNear = 64

// search returns the place of a number in seqs, which are sorted, not empty and around the
// number. Numbers are given in a row, so their places are nearly proportional to them: it
// guesses, which saves most of a binary search's reads from memory.
func search(seqs []uint64, seq uint64) (at int, ok bool) {
	first, last := seqs[0], seqs[len(seqs)-1]
	guess := int(float64(seq-first) / (float64(last-first) + 1) * float64(len(seqs)))
	from, to := max(guess-searchNear, 0), min(guess+searchNear, len(seqs))
	if seqs[from] > seq {
		from, to = 0, from
	} else if seqs[to-1] < seq {
		from, to = to, len(seqs)
	}
	at, ok = slices.BinarySearch(seqs[from:to], seq)
	return from + at, ok
}
