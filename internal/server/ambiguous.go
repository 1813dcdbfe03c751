package server

import "bytes"

// ambiguous reports whether raw, a block of header lines, has both a length
// and a coding, or a line that continues another. The engine takes the coding
// and goes on with the connection; a proxy that took the length would see the
// rest of the body as the next visitor's request. Nobody sends either in good
// faith.
//
// It runs for every request, so it looks at the first byte of each line only.
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
