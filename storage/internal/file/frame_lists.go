package file

import (
	"encoding/binary"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// encodeTouches appends one packed frame. All touches of a flush happened
// within moments, so a touch takes about four bytes.
func encodeTouches(buf []byte, touches []entry.Touch) []byte {
	start := len(buf)
	buf = beginFrame(buf, kindTouches)
	base := int64(0)
	if len(touches) > 0 {
		base = touches[0].Used
	}
	buf = binary.AppendVarint(buf, base)
	for _, t := range touches {
		buf = binary.AppendUvarint(buf, t.Seq)
		buf = binary.AppendVarint(buf, t.Used-base)
	}
	return endFrame(buf, start)
}

func decodeTouches(b []byte, each func(entry.Touch)) error {
	body, err := openFrame(b, kindTouches)
	if err != nil {
		return err
	}
	c := cursor{b: body}
	base := c.varint()
	for len(c.b) > 0 {
		t := entry.Touch{Seq: c.uvarint(), Used: base + c.varint()}
		if c.bad {
			break
		}
		each(t)
	}
	return c.err("touches")
}

func encodeEnds(buf []byte, ends []entry.End) []byte {
	start := len(buf)
	buf = beginFrame(buf, kindEnds)
	base := int64(0)
	if len(ends) > 0 {
		base = ends[0].At
	}
	buf = binary.AppendVarint(buf, base)
	for _, e := range ends {
		buf = append(buf, e.Key[:]...)
		buf = append(buf, byte(e.Reason))
		buf = binary.AppendVarint(buf, e.At-base)
	}
	return endFrame(buf, start)
}

func decodeEnds(b []byte, each func(entry.End)) error {
	body, err := openFrame(b, kindEnds)
	if err != nil {
		return err
	}
	c := cursor{b: body}
	base := c.varint()
	for len(c.b) > 0 {
		var e entry.End
		copy(e.Key[:], c.bytes(len(e.Key)))
		if reason := c.bytes(1); reason != nil {
			e.Reason = record.Reason(reason[0])
		}
		e.At = base + c.varint()
		if c.bad {
			break
		}
		each(e)
	}
	return c.err("ends")
}
