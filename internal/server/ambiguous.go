package server

import "bytes"

// ambiguous reports whether raw, the header lines of a request, has both Content-Length
// and Transfer-Encoding, or a continuation line. Such a request can smuggle another one:
// the engine uses Transfer-Encoding, while a proxy may use Content-Length and take the
// rest of the body for the next visitor's request. It runs for each request, so it
// compares only lines whose first byte fits.
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

// hasName reports whether line begins with name, ignoring case.
func hasName(line []byte, name string) bool {
	return len(line) >= len(name) && bytes.EqualFold(line[:len(name)], []byte(name))
}
