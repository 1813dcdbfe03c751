package file

import (
	"encoding/binary"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A digest is the sum of the hashes of all entries in the file. A frame's checksum
// shows that the frame is whole; the digest shows that it is there. A damaged disk
// can return an older version of a page, or another page, or lose entries. The mark
// of each commit has the digest and the number of the transaction. It detects
// damage, not the work of a person who can write the file.
type digest uint64

// hashEntry mixes an entry's number and checksum (SplitMix64, Steele et al. 2014, as
// in java.util.SplittableRandom). A damaged frame counts as well, by the checksum
// that is written in it.
func hashEntry(key, frame []byte) digest {
	if len(key) != 8 || len(frame) < 4 {
		return 0
	}
	x := binary.BigEndian.Uint64(key) ^ uint64(binary.LittleEndian.Uint32(frame))<<32
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return digest(x ^ x>>31)
}

// A seal is what a mark says of the file it is in.
type seal struct {
	digest digest
	txid   uint64 // of the transaction that wrote the mark
	fresh  bool   // Build wrote the mark; the driver then commits once more, without one
	backup bool   // the file is a copy, see storage.Config.AcceptBackup

	format byte // the newest format that something in the file has or had
	// ended says that all entries before some number have ended, oldest first; see
	// Tx.EndBefore.
	ended []endedBefore
	move  record.Move // see storage.Storage.SetMark
}

// An endedBefore ends every entry whose number is below seq, and which no older one
// has ended.
type endedBefore struct {
	seq uint64
	entry.Tombstone
}

// maxEndedBefore bounds the list in the mark. Beyond it the oldest is forgotten: then
// the next one ends its entries, if they are still in the file.
const maxEndedBefore = 16

// endOf returns what has ended the entry with a number; nil: nothing has.
func (s seal) endOf(seq uint64) *endedBefore {
	for i := range s.ended {
		if seq < s.ended[i].seq {
			return &s.ended[i]
		}
	}
	return nil
}

// fits reports whether the file is as it was when the mark was written.
func (s seal) fits(sum digest, txid uint64) bool {
	return sum == s.digest && (txid == s.txid || s.fresh && txid == s.txid+1)
}
