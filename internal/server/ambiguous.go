package server

import "bytes"

// ambiguous reports whether raw, a block of header lines, has both a length
// and a coding, or a line that continues another. The engine takes the coding; to
// a proxy that took the length the rest of the body would be another visitor's
// request. It runs for every request, so it looks at first bytes only.
func ambiguous(raw []byte) bool {
	var length, coding bool
	for len(raw) > 0 {
		switch raw[0] {
		case ' ', '\t':
			return true
		case 'c', 'C':
			length = length || hasName(raw, "content-length:")
		case 't', 'T':
			coding = coding || hasName(raw, "transfer-encoding:")
		}
		end := bytes.IndexByte(raw, '\n')
		if end < 0 {
			break
		}
		raw = raw[end+1:]
	}
	return length && coding
}

// hasName reports whether line begins with name, in any case.
func hasName(line []byte, name string) bool {
	return len(line) >= len(name) && bytes.EqualFold(line[:len(name)], []byte(name))
}
