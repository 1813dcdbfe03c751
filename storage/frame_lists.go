package storage

import (
	"encoding/binary"

	"pagesession/storage/record"
)

// A touch says when the record with that sequence number was last used. Its
// deadline follows from the lifetime in the record.
type touch struct {
	seq  uint64
	used int64
}

// encodeTouches appends one packed frame. All touches of a flush happened
// within moments, so a touch takes about four bytes.
func encodeTouches(buf []byte, touches []touch) []byte {
	start := len(buf)
	buf = beginFrame(buf, kindTouches)
	base := int64(0)
	if len(touches) > 0 {
		base = touches[0].used
	}
	buf = binary.AppendVarint(buf, base)
	for _, t := range touches {
		buf = binary.AppendUvarint(buf, t.seq)
		buf = binary.AppendVarint(buf, t.used-base)
	}
	return endFrame(buf, start)
}

func decodeTouches(b []byte, each func(touch)) error {
	body, err := openFrame(b, kindTouches)
	if err != nil {
		return err
	}
	c := cursor{b: body}
	base := c.varint()
	for len(c.b) > 0 {
		t := touch{c.uvarint(), base + c.varint()}
		if c.bad {
			break
		}
		each(t)
	}
	return c.err("touches")
}

// An end is a tombstone with its key, as the file keeps it.
type end struct {
	key record.Key
	tombstone
}

func encodeEnds(buf []byte, ends []end) []byte {
	start := len(buf)
	buf = beginFrame(buf, kindEnds)
	base := int64(0)
	if len(ends) > 0 {
		base = ends[0].at
	}
	buf = binary.AppendVarint(buf, base)
	for _, e := range ends {
		buf = append(buf, e.key[:]...)
		buf = append(buf, byte(e.reason))
		buf = binary.AppendVarint(buf, e.at-base)
	}
	return endFrame(buf, start)
}

func decodeEnds(b []byte, each func(end)) error {
	body, err := openFrame(b, kindEnds)
	if err != nil {
		return err
	}
	c := cursor{b: body}
	base := c.varint()
	for len(c.b) > 0 {
		var e end
		copy(e.key[:], c.bytes(len(e.key)))
		if reason := c.bytes(1); reason != nil {
			e.reason = record.Reason(reason[0])
		}
		e.at = base + c.varint()
		if c.bad {
			break
		}
		each(e)
	}
	return c.err("ends")
}
