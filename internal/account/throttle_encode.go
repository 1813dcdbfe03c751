package account

import (
	"encoding/binary"
	"time"
)

// The first byte of a shared value says what it has. A value of another kind, such as one of
// a later version, counts as none.
const (
	valueTries byte = 1 // 1: logged; of each try: instant, hidden name, number
	valueLine  byte = 2 // 1: logged; instant of the next try
	valueHeld  byte = 3 // 0; of each reservation: instant, hidden name
)

const (
	triesSize = 8 + hiddenSize + 8
	heldSize  = 8 + hiddenSize
)

// encode returns what the counts have of a hidden key, and until when it counts; nothing if
// they have nothing. Instants are in microseconds.
func (s *counts) encode(k tried) (value []byte, until time.Time) {
	if f, ok := s.tries[k]; ok {
		value = append(value, valueTries, flag(f.logged))
		for _, at := range f.at {
			value = append(appendInstant(value, at.at), at.of[:hiddenSize]...)
			value = binary.BigEndian.AppendUint64(value, at.try)
			until = later(until, at.at.Add(triesWindow))
		}
		return value, until
	}
	if l, ok := s.lines.names[k]; ok {
		return appendInstant([]byte{valueLine, flag(l.logged)}, l.next), l.next.Add(lineBurst * lineInterval)
	}
	if held := s.lines.held[k]; len(held) > 0 {
		value = append(value, valueHeld, 0)
		for _, r := range held {
			value = append(appendInstant(value, r.at), r.name[:hiddenSize]...)
			until = later(until, r.at.Add(reservationLasts))
		}
	}
	return value, until
}

// decode adds what a value has of a hidden key.
func (s *counts) decode(k tried, value []byte) {
	if len(value) < 2 {
		return
	}
	kind, logged, rest := value[0], value[1] == 1, value[2:]
	switch {
	case kind == valueTries && len(rest)%triesSize == 0:
		f := failed{logged: logged}
		for ; len(rest) > 0; rest = rest[triesSize:] {
			at := failure{at: instant(rest), try: binary.BigEndian.Uint64(rest[8+hiddenSize:])}
			copy(at.of[:], rest[8:8+hiddenSize])
			f.at = append(f.at, at)
		}
		s.tries[k] = f
	case kind == valueLine && len(rest) == 8:
		s.lines.names[k] = line{next: instant(rest), logged: logged}
	case kind == valueHeld && len(rest)%heldSize == 0:
		for ; len(rest) > 0; rest = rest[heldSize:] {
			r := reservation{at: instant(rest)}
			copy(r.name[:], rest[8:heldSize])
			s.lines.held[k] = append(s.lines.held[k], r)
		}
	}
}

func appendInstant(b []byte, at time.Time) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(at.UnixMicro()))
}

func instant(b []byte) time.Time { return time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC() }

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
