package boltfile

import (
	"bytes"
	"encoding/binary"
)

// A span says which keys a page has: the first one is first, and all come before end. nil
// stands for any. bbolt looks for a key only under the branch that promises it. Where a
// branch promises another first key, it adds a changed page beside the old one instead of
// in its place. When it opens a file it notices only some of that, and then it panics and
// keeps the file open.
type span struct{ first, end []byte }

// fits reports whether the keys of a page are in order and in the span. An element outside
// the page has no key; the walker finds it later.
func (s span) fits(b []byte, count int, branch bool) bool {
	var last []byte
	for i := range count {
		key := keyAt(b, i, branch)
		if i > 0 && bytes.Compare(last, key) >= 0 || i == 0 && s.first != nil && !bytes.Equal(key, s.first) {
			return false
		}
		last = key
	}
	return s.end == nil || bytes.Compare(last, s.end) < 0
}

// below returns the span of the page that element i of a branch page leads to. It is valid
// as long as b.
func (s span) below(b []byte, i, count int, branch bool) span {
	if !branch {
		return span{}
	}
	if i+1 < count {
		s.end = keyAt(b, i+1, branch)
	}
	return span{keyAt(b, i, branch), s.end}
}

// keyAt returns the key of an element, which aliases b; nil if it does not lie inside the
// page.
func keyAt(b []byte, i int, branch bool) []byte {
	at := pageHeader + i*elementSize
	e, le := b[at:], binary.LittleEndian
	pos, size := le.Uint32(e[4:]), le.Uint32(e[8:])
	if branch {
		pos, size = le.Uint32(e), le.Uint32(e[4:])
	}
	key, _ := within(b, at, pos, 0, size)
	return key
}
