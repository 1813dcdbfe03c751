package file

import (
	"encoding/binary"
	"fmt"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// encodeTouches appends one packed frame. The touches of a flush happened within
// moments of each other, so one takes about four bytes.
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

// decodeList calls each until it has read the whole list; each reads one member.
func decodeList(b []byte, kind frameKind, each func(c *cursor, base int64)) error {
	body, err := openFrame(b, kind)
	if err != nil {
		return err
	}
	c := cursor{b: body}
	for base := c.varint(); len(c.b) > 0; {
		each(&c, base)
	}
	if c.bad {
		return fmt.Errorf("%w: a list is cut off", errFrame)
	}
	return nil
}

func decodeTouches(b []byte, each func(entry.Touch)) error {
	return decodeList(b, kindTouches, func(c *cursor, base int64) {
		if t := (entry.Touch{Seq: c.uvarint(), Used: base + c.varint()}); !c.bad {
			each(t)
		}
	})
}

func decodeEnds(b []byte, each func(entry.End)) error {
	return decodeList(b, kindEnds, func(c *cursor, base int64) {
		e := entry.End{Key: record.Key(c.bytes(len(record.Key{})))}
		e.Reason, e.At = record.Reason(c.bytes(1)[0]), base+c.varint()
		if !c.bad {
			each(e)
		}
	})
}
