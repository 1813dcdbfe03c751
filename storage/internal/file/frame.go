package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// Every value in the file is a frame. bbolt has no checksum on its data pages. With
// this one, a flipped bit costs one session and never shows a wrong one.
//
//	crc32c (4, little endian) | version (1) | kind (1) | body
const (
	frameVersion = 1
	// subjectVersion is the version of records with a subject, and of the mark of a
	// file that has some. An older program then refuses the whole file, where it
	// would otherwise take these records for damaged ones and drop them.
	subjectVersion = 2
	// untilVersion is the version of records with an until, and of the mark of a file
	// that has some, or in which entries have ended with Tx.EndBefore. An older
	// program would let such sessions live.
	untilVersion = 3
	// moveVersion is the version of the mark of a file whose sessions are moving to another
	// store, or have moved. An older program would go on with those that are left.
	moveVersion = 4
	frameHeader = 6
)

type frameKind byte

const (
	kindRecord  frameKind = 1 // key, created, used, idle, absolute; version 3: until; version 2: subject; value
	kindTouches frameKind = 2 // base, then (seq, used - base) pairs
	kindEnds    frameKind = 3 // base, then (key, reason, at - base)
	kindMark    frameKind = 4 // at, wall, boot, digest, transaction, flags; version 3: ended before; version 4: move; boot id
)

// errFrame is returned when the bytes are not a whole frame of the expected kind.
var errFrame = errors.New("damaged frame")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func beginFrame(buf []byte, kind frameKind) []byte {
	return append(buf, 0, 0, 0, 0, frameVersion, byte(kind))
}

// endFrame fills in the checksum of the frame that starts at buf[start].
func endFrame(buf []byte, start int) []byte {
	binary.LittleEndian.PutUint32(buf[start:], crc32.Checksum(buf[start+4:], castagnoli))
	return buf
}

// isFrame reports whether b is a frame of any kind.
func isFrame(b []byte) bool {
	return len(b) >= frameHeader && crc32.Checksum(b[4:], castagnoli) == binary.LittleEndian.Uint32(b)
}

// openFrame checks a frame and returns its body, which aliases b. A frame of another kind is
// damage, such as an old page of a disk that lost a write. For a whole frame
// of a later version it returns ErrNewerFormat.
func openFrame(b []byte, kind frameKind) ([]byte, error) {
	if len(b) < frameHeader {
		return nil, fmt.Errorf("%w: %d bytes", errFrame, len(b))
	}
	if sum := crc32.Checksum(b[4:], castagnoli); sum != binary.LittleEndian.Uint32(b) {
		return nil, fmt.Errorf("%w: checksum", errFrame)
	}
	if newest := newestVersion(frameKind(b[5])); b[4] > newest {
		return nil, fmt.Errorf("%w: it has format %d, this version knows formats up to %d; use the version that wrote it, or a newer one",
			ErrNewerFormat, b[4], newest)
	}
	if b[4] < frameVersion || frameKind(b[5]) != kind {
		return nil, fmt.Errorf("%w: version %d, kind %d", errFrame, b[4], b[5])
	}
	return b[frameHeader:], nil
}

func newestVersion(kind frameKind) byte {
	switch kind {
	case kindMark:
		return moveVersion
	case kindRecord:
		return untilVersion
	default:
		return frameVersion
	}
}

// A cursor reads a body. After an error every read returns zeros, and bad is true.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) uvarint() uint64 { return next(c, binary.Uvarint) }
func (c *cursor) varint() int64   { return next(c, binary.Varint) }

func next[T int64 | uint64](c *cursor, read func([]byte) (T, int)) T {
	v, n := read(c.b)
	if n <= 0 {
		c.bad, c.b = true, nil
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) bytes(n int) []byte {
	if n > len(c.b) {
		c.bad, c.b = true, nil
		return make([]byte, n)
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

// encodeEntry appends an entry's frame to buf.
func encodeEntry(r *entry.Entry, buf []byte) []byte {
	start := len(buf)
	buf = beginFrame(buf, kindRecord)
	version := versionOf(r)
	buf[start+4] = version
	buf = append(buf, r.Key[:]...)
	buf = binary.AppendVarint(buf, r.Created)
	buf = binary.AppendVarint(buf, r.Used)
	buf = binary.AppendVarint(buf, r.Idle)
	buf = binary.AppendVarint(buf, r.Absolute)
	if version >= untilVersion {
		buf = binary.AppendVarint(buf, r.Until)
	}
	if version >= subjectVersion {
		buf = append(binary.AppendUvarint(buf, uint64(len(r.Subject))), r.Subject...)
	}
	return endFrame(append(buf, r.Value...), start)
}

// versionOf is the oldest version that can hold an entry.
func versionOf(r *entry.Entry) byte {
	switch {
	case r.Until != 0:
		return untilVersion
	case r.Subject != "":
		return subjectVersion
	default:
		return frameVersion
	}
}

// decodeRecord sets r to the entry of a frame. It copies everything, as b may belong
// to bbolt.
func decodeRecord(r *entry.Entry, seq uint64, b []byte) error {
	body, err := openFrame(b, kindRecord)
	if err != nil {
		return err
	}
	c := cursor{b: body}
	r.Seq = seq
	copy(r.Key[:], c.bytes(len(r.Key)))
	r.Created, r.Used, r.Idle, r.Absolute = c.varint(), c.varint(), c.varint(), c.varint()
	if b[4] >= untilVersion {
		r.Until = c.varint()
	}
	if b[4] >= subjectVersion {
		n := c.uvarint()
		c.bad = c.bad || n > record.MaxSubject
		r.Subject = string(c.bytes(int(min(n, record.MaxSubject))))
	}
	if c.bad || r.Idle < 0 || r.Absolute < 0 {
		return fmt.Errorf("%w: record", errFrame)
	}
	r.Value = string(c.b)
	return nil
}

// encodeMark appends the frame of a clock mark and a seal.
func encodeMark(buf []byte, m clock.Mark, s seal) []byte {
	start := len(buf)
	buf = beginFrame(buf, kindMark)
	buf[start+4] = max(frameVersion, s.format)
	buf = binary.AppendVarint(buf, int64(m.At))
	buf = binary.AppendVarint(buf, m.Wall)
	buf = binary.AppendVarint(buf, int64(m.Boot))
	buf = binary.LittleEndian.AppendUint64(buf, uint64(s.digest))
	buf = binary.AppendUvarint(buf, s.txid)
	buf = append(buf, bit(s.fresh)|bit(s.backup)<<1)
	if s.format >= untilVersion {
		buf = binary.AppendUvarint(buf, uint64(len(s.ended)))
		for _, e := range s.ended {
			buf = binary.AppendVarint(binary.AppendUvarint(buf, e.seq), e.At)
			buf = append(buf, byte(e.Reason))
		}
	}
	if s.format >= moveVersion {
		move := s.move.String()
		buf = append(binary.AppendUvarint(buf, uint64(len(move))), move...)
	}
	return endFrame(append(buf, m.BootID...), start)
}

// maxMove is more than the longest text of a move: damage must not make it larger.
const maxMove = 64 << 10

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func decodeMark(b []byte) (clock.Mark, seal, error) {
	body, err := openFrame(b, kindMark)
	if err != nil {
		return clock.Mark{}, seal{}, err
	}
	c := cursor{b: body}
	m := clock.Mark{At: time.Duration(c.varint()), Wall: c.varint(), Boot: time.Duration(c.varint())}
	sum := c.bytes(8)
	s := seal{txid: c.uvarint(), format: b[4]}
	flags := c.bytes(1)
	if s.format >= untilVersion {
		for range min(c.uvarint(), maxEndedBefore) {
			e := endedBefore{seq: c.uvarint(), Tombstone: entry.Tombstone{At: c.varint()}}
			e.Reason = record.Reason(c.bytes(1)[0])
			s.ended = append(s.ended, e)
		}
	}
	if s.format >= moveVersion {
		s.move, err = record.ParseMove(string(c.bytes(int(min(c.uvarint(), maxMove)))))
	}
	m.BootID = string(c.b)
	if c.bad || err != nil {
		return clock.Mark{}, seal{}, fmt.Errorf("%w: mark", errFrame)
	}
	s.fresh, s.backup = flags[0]&1 != 0, flags[0]&2 != 0
	s.digest = digest(binary.LittleEndian.Uint64(sum))
	return m, s, nil
}
