package messages

import (
	"encoding/binary"
	"fmt"
	"time"
)

// version is the first byte of the form below. Another form gets another one;
// a cookie of the old form is then ignored, which costs a notice.
const version = 1

// The form, big-endian and without padding, has exactly one encoding for each
// list of messages:
//
//	version 1 | made, Unix seconds 8 | count 1 | count times:
//	level 1 | length of key 1 | key | number of args 1 | args, 8 each

// encode returns ms as they were made at that time.
func encode(made time.Time, ms []Message) ([]byte, error) {
	if len(ms) > MaxMessages {
		return nil, fmt.Errorf("%w: %d of them", ErrBounds, len(ms))
	}
	b := binary.BigEndian.AppendUint64([]byte{version}, uint64(made.Unix()))
	b = append(b, byte(len(ms)))
	for _, m := range ms {
		if err := m.check(); err != nil {
			return nil, err
		}
		b = append(b, byte(m.Level), byte(len(m.Key)))
		b = append(b, m.Key...)
		b = append(b, byte(len(m.Args)))
		for _, arg := range m.Args {
			b = binary.BigEndian.AppendUint64(b, uint64(arg))
		}
	}
	return b, nil
}

// decode is the reverse. It accepts only what encode makes, and its results
// share nothing with b.
func decode(b []byte) (made time.Time, ms []Message, ok bool) {
	r := reader{rest: b}
	if r.byte() != version {
		return time.Time{}, nil, false
	}
	made = time.Unix(r.int64(), 0)
	count := int(r.byte())
	if count > MaxMessages {
		return time.Time{}, nil, false
	}
	for range count {
		m := Message{Level: Level(r.byte()), Key: string(r.take(int(r.byte())))}
		args := int(r.byte())
		if args > MaxArgs || r.short {
			return time.Time{}, nil, false
		}
		for range args {
			m.Args = append(m.Args, r.int64())
		}
		if r.short || m.check() != nil {
			return time.Time{}, nil, false
		}
		ms = append(ms, m)
	}
	return made, ms, !r.short && len(r.rest) == 0
}

// A reader takes bytes off a slice. Once it has run short it gives zeros.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if r.short || n > len(r.rest) {
		r.short = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) int64() int64 {
	if b := r.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}
