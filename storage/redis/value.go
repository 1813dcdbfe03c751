package redis

import (
	"encoding/binary"
	"errors"
	"time"

	"pagesession/storage/record"
)

// The forms of a live key's value.
const (
	byTTL   = 1 // its deadline is the TTL of the key
	timed   = 2 // its deadline follows from the last use in the value
	pending = 3 // the new key of a rotation that is not known to have happened
)

const hasSubject = 0x80 // set in the byte of the form

// epoch is the instant from which creations count, in Unix milliseconds: the beginning of
// 2024. Five bytes last until 2058.
const epoch = 1704067200000

// A head is what a live value says of its session before the content. Instants are Unix
// milliseconds by Redis's clock, and durations are milliseconds.
//
// The bytes are: form, second half of the key (16), version (4), creation (5); the length
// and the text of the subject, if there is one; of a timed value the last use and the idle
// timeout (6 each); of a pending value the old key (32); then idle timeout and absolute
// timeout as appendDuration writes them. The scripts read all but the last two.
type head struct {
	form     byte
	key      record.Key
	version  uint32
	created  int64
	subject  string
	used     int64      // of a timed value
	idle     int64      // 0: none
	absolute int64      // since the creation; 0: none
	from     record.Key // of a pending value
}

const (
	usedAt = 26 // where the subject begins, or what follows if there is none
	newest = 1<<40 - 1
	// longest is more than a time.Duration can be, so it refuses only damage, and no
	// arithmetic overflows.
	longest = 1 << 47
)

var errValue = errors.New("redis: a value is damaged, or a newer version wrote it")

// deadline returns the instant of the absolute timeout; 0: none.
func (h *head) deadline() int64 {
	if h.absolute == 0 {
		return 0
	}
	return h.created + h.absolute
}

// expired reports whether the deadlines that stand in the value have passed.
func (h *head) expired(now int64) (record.Reason, bool) {
	idleEnd := h.used + h.idle
	if h.form != timed || h.idle == 0 {
		idleEnd = 0
	}
	end := h.deadline()
	switch {
	case idleEnd > 0 && now >= idleEnd && (end == 0 || idleEnd <= end):
		return record.Idle, true
	case end > 0 && now >= end:
		return record.Absolute, true
	default:
		return record.NoReason, false
	}
}

// start returns the bytes up to the creation.
func (h *head) start() []byte {
	b := make([]byte, 0, 96)
	form := h.form
	if h.subject != "" {
		form |= hasSubject
	}
	b = append(b, form)
	b = append(b, h.key[16:]...)
	return binary.BigEndian.AppendUint32(b, h.version)
}

// appendCreated appends the creation.
func (h *head) appendCreated(b []byte) []byte {
	var eight [8]byte
	binary.BigEndian.PutUint64(eight[:], uint64(h.created-epoch))
	return append(b, eight[3:]...)
}

func (h *head) appendSubject(b []byte) []byte {
	if h.subject == "" {
		return b
	}
	b = append(b, byte(len(h.subject)))
	return append(b, h.subject...)
}

// rest returns the bytes after the creation and the subject, and after the last use of a
// timed value, with the content.
func (h *head) rest(content []byte) []byte {
	b := make([]byte, 0, 64+len(content))
	switch h.form {
	case timed:
		b = append6(b, h.idle)
	case pending:
		b = append(b, h.from[:]...)
	}
	b = appendDuration(b, h.idle)
	b = appendDuration(b, h.absolute)
	return append(b, content...)
}

func append6(b []byte, n int64) []byte {
	var eight [8]byte
	binary.BigEndian.PutUint64(eight[:], uint64(n))
	return append(b, eight[2:]...)
}

func read6(b []byte) int64 {
	return int64(binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...)))
}

// appendDuration appends a number of milliseconds in one to five bytes for the usual
// timeouts: seconds are enough for most, which the last bit says.
func appendDuration(b []byte, ms int64) []byte {
	if ms%1000 == 0 {
		return binary.AppendUvarint(b, uint64(ms/1000)<<1)
	}
	return binary.AppendUvarint(b, uint64(ms)<<1|1)
}

func readDuration(b []byte) (ms int64, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > longest {
		return 0, nil, false
	}
	if n&1 == 1 {
		return int64(n >> 1), b[size:], true
	}
	return int64(n>>1) * 1000, b[size:], true
}

// parse reads a live value. The content shares memory with b.
func parse(h record.Handle, b []byte) (p head, content []byte, err error) {
	if len(b) < usedAt {
		return p, nil, errValue
	}
	p.form = b[0] &^ hasSubject
	copy(p.key[:16], h[:])
	copy(p.key[16:], b[1:17])
	p.version = binary.BigEndian.Uint32(b[17:])
	p.created = int64(binary.BigEndian.Uint64(b[18:26])&newest) + epoch
	rest := b[usedAt:]
	if b[0]&hasSubject != 0 {
		end := 1
		if len(rest) > 0 {
			end += int(rest[0])
		}
		if len(rest) < end {
			return p, nil, errValue
		}
		p.subject, rest = string(rest[1:end]), rest[end:]
	}
	if rest, err = p.parseForm(rest); err != nil {
		return p, nil, err
	}
	var okIdle, okAbsolute bool
	p.idle, rest, okIdle = readDuration(rest)
	p.absolute, rest, okAbsolute = readDuration(rest)
	if !okIdle || !okAbsolute {
		return p, nil, errValue
	}
	return p, rest, nil
}

func (h *head) parseForm(b []byte) (rest []byte, err error) {
	switch {
	case h.form == byTTL:
		return b, nil
	case h.form == timed && len(b) >= 12:
		h.used = read6(b)
		return b[12:], nil
	case h.form == pending && len(b) >= len(h.from):
		copy(h.from[:], b)
		return b[len(h.from):], nil
	default:
		return nil, errValue
	}
}

// millis returns a duration in milliseconds, rounded up.
func millis(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }

// duration is the opposite of millis.
func duration(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
