package file

import (
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A Tx is one write transaction of a File. Everything is appended, so that bbolt
// fills pages up and does not split them.
type Tx struct {
	ended  []endedBefore // see seal
	move   record.Move   // see seal
	file   *File
	tx     *bbolt.Tx
	digest digest // of the file after the commit
	Wrote  bool   // it has something to commit
	Bytes  int64  // of the pages that the commit has written; 0 before
	mark   []byte // that it leaves, if it has something to commit
	fresh  bool   // it is the last one of Build

	dropped int       // how many of the oldest lists of ends it deletes
	added   []endList // lists of ends that it writes

	root, records, touches, ends *bbolt.Bucket
	key                          [8]byte // see seqKey
}

// open finds the buckets. A file without them is another program's: ErrChanged.
func (t *Tx) open(tx *bbolt.Tx) error {
	t.root = tx.Bucket([]byte(t.file.cfg.Bucket))
	if t.root == nil {
		return fmt.Errorf("%w: bucket %q is missing", ErrChanged, t.file.cfg.Bucket)
	}
	t.records, t.touches, t.ends = t.root.Bucket(recordsBucket), t.root.Bucket(touchesBucket), t.root.Bucket(endsBucket)
	if t.records == nil || t.touches == nil || t.ends == nil || t.root.Bucket(metaBucket) == nil {
		return fmt.Errorf("%w: bucket %q is incomplete", ErrChanged, t.file.cfg.Bucket)
	}
	if err := t.file.watch.follows(tx, t.root.Bucket(metaBucket).Get(markKey)); err != nil {
		return err
	}
	t.records.FillPercent, t.touches.FillPercent, t.ends.FillPercent = 1, 1, 1
	return nil
}

// commit adds a mark with the time and the digest, and commits.
func (t *Tx) commit(tx *bbolt.Tx) error {
	if t.Wrote {
		mark := encodeMark(nil, t.file.cfg.Line.Mark(), t.seal(uint64(tx.ID())))
		if err := t.root.Bucket(metaBucket).Put(markKey, mark); err != nil {
			return err
		}
		t.mark = mark
		err := tx.Commit()
		stats := tx.Stats()
		t.Bytes = stats.GetPageAlloc()
		return err
	}
	return nil
}

// seal returns what the mark says of the file. Only a mark that has a move needs its version.
func (t *Tx) seal(id uint64) seal {
	s := seal{digest: t.digest, txid: id, fresh: t.fresh, format: t.file.format, ended: t.ended, move: t.move}
	if t.move != (record.Move{}) {
		s.format = moveVersion
	}
	return s
}

// SetMove makes the mark say that of a move.
func (t *Tx) SetMove(m record.Move) { t.Wrote, t.move = true, m }

// done keeps what the file has now, after the transaction with that number.
func (t *Tx) done(id int) {
	if t.Wrote {
		t.file.watch.txid, t.file.watch.mark = id, t.mark
	}
	t.file.digest, t.file.ended, t.file.move = t.digest, t.ended, t.move
	t.file.lists = append(t.file.lists[t.dropped:], t.added...)
}

// EndAll ends every entry that is in the file now, as EndBefore does.
func (t *Tx) EndAll(how entry.Tombstone) { t.EndBefore(t.file.nextSeq(), how) }

// EndBefore ends every entry whose number is below seq, with one small write: their
// deletion can follow in steps. Until then it is the mark that ends them. Entries that
// an earlier mark has ended stay as that one says.
func (t *Tx) EndBefore(seq uint64, how entry.Tombstone) {
	if n := len(t.ended); n > 0 && t.ended[n-1].seq >= seq {
		return
	}
	t.Wrote = true
	t.ended = append(slices.Clone(t.ended), endedBefore{seq, how})
	if len(t.ended) > maxEndedBefore {
		t.ended = t.ended[1:]
	}
	t.file.format = max(t.file.format, untilVersion)
}

// HasEntry reports whether the entry with a number is in the file.
func (t *Tx) HasEntry(seq uint64) bool { return t.records.Get(t.seqKey(seq)) != nil }

// PutEntry writes an entry and sets its Seq.
func (t *Tx) PutEntry(e *entry.Entry) error {
	e.Seq = t.file.nextSeq()
	return t.putNumbered(e)
}

// putNumbered writes an entry that already has a number.
func (t *Tx) putNumbered(e *entry.Entry) error {
	t.file.format = max(t.file.format, versionOf(e))
	return t.put(t.records, e.Seq, t.file.frame(func(buf []byte) []byte { return encodeEntry(e, buf) }))
}

// DeleteEntry removes the entry with a number, if it is there.
func (t *Tx) DeleteEntry(seq uint64) error { return t.delete(t.records, seq) }

// maxTouches is how many touches one value holds. Several values share a page, and
// bbolt rewrites a page to add to it or delete from it. Bytes of pages written for
// each touch, at 1,000,000 sessions (BenchmarkFlush): 6.6 with 128 a value, 11.3
// with 512, 21.1 with 16,384.
const maxTouches = 128

// PutTouches writes touches and returns the numbers of the values that hold them.
func (t *Tx) PutTouches(all []entry.Touch) (values []uint64, err error) {
	for len(all) > 0 {
		n := min(len(all), maxTouches)
		seq := t.file.nextSeq()
		if err := t.put(t.touches, seq, t.file.frame(func(buf []byte) []byte { return encodeTouches(buf, all[:n]) })); err != nil {
			return nil, err
		}
		values, all = append(values, seq), all[n:]
	}
	return values, nil
}

// DeleteTouches removes the value of touches with a number, if it is there.
func (t *Tx) DeleteTouches(seq uint64) error { return t.delete(t.touches, seq) }

// maxEnds lets several lists share a page, as maxTouches does: a long list would
// need pages in a row, which a full file may not have.
const maxEnds = 16

// PutEnds writes ends, which count as written at now.
func (t *Tx) PutEnds(ends []entry.End, now int64) error {
	for some := range slices.Chunk(ends, maxEnds) {
		list := endList{t.file.nextSeq(), now, len(some)}
		t.added = append(t.added, list)
		if err := t.put(t.ends, list.seq, t.file.frame(func(buf []byte) []byte { return encodeEnds(buf, some) })); err != nil {
			return err
		}
	}
	return nil
}

// DropEnds deletes the oldest lists of ends: those written at or before an instant,
// and later ones while the file has more than maxEnds. It deletes at most most
// lists.
func (t *Tx) DropEnds(before int64, maxEnds, most int) error {
	total := 0
	for _, l := range t.file.lists {
		total += l.n
	}
	for _, l := range t.file.lists {
		if (l.at > before && total <= maxEnds) || t.dropped == most {
			return nil
		}
		if err := t.delete(t.ends, l.seq); err != nil {
			return err
		}
		t.dropped++
		total -= l.n
	}
	return nil
}

// seqKey returns the key of a number. It is valid until the next call; bbolt copies
// the keys that it keeps.
func (t *Tx) seqKey(seq uint64) []byte {
	binary.BigEndian.PutUint64(t.key[:], seq)
	return t.key[:]
}

// put writes a value. It and delete keep the digest up to date.
func (t *Tx) put(in *bbolt.Bucket, seq uint64, frame []byte) error {
	key := t.seqKey(seq)
	t.digest += hashEntry(key, frame)
	t.Wrote = true
	return in.Put(key, frame)
}

func (t *Tx) delete(from *bbolt.Bucket, seq uint64) error {
	key := t.seqKey(seq)
	frame := from.Get(key)
	if frame == nil {
		return nil
	}
	t.digest -= hashEntry(key, frame)
	t.Wrote = true
	return from.Delete(key)
}
