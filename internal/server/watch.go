package server

import (
	"bytes"
	"errors"
)

// errBareLF is the read error of a head that ends in line feeds without carriage returns.
var errBareLF = errors.New("the request's lines end in LF; they have to end in CR LF")

// A watch sees the bytes of a connection before the engine does, for two things that the
// engine does not tell. Only the engine's goroutine of the connection uses it.
//
// The first is an empty line that ends in a bare LF. The engine takes it for the end of a
// head only if CR LF CR LF follows somewhere. Without that, the client would wait for its
// answer until the read timeout. A read while the engine still holds bytes means that it
// waits for the end of a head, or of trailers. If such a line is among those bytes, the
// end is not going to come.
//
// The second is whether a request that could not be read is a HEAD.
type watch struct {
	buffer  int  // size of the engine's buffer
	handled bool // since the handler's call: further reads are not the engine's
	fresh   bool // the request needed no read so far

	total int64 // bytes so far; the places below count them, too
	lf    int64 // the last LF; 0: none that counts
	bare  int64 // the LF before the last empty line of which one LF is bare; 0: none
	crlf  bool  // a CR stands before lf
	cr    bool  // the last byte is a CR

	start  [len(headMethod)]byte // the request's first bytes, without empty lines
	filled int                   // how many of them there are
	behind bool                  // they came behind an earlier request, so start lacks them
}

const headMethod = "HEAD "

// next begins the next request.
func (w *watch) next() { w.handled, w.fresh, w.filled, w.behind = false, true, 0, false }

// wait is called before a read into room bytes. It returns errBareLF if the engine would
// wait in vain.
func (w *watch) wait(room int) error {
	held := int64(w.buffer - room)
	if w.handled || held <= 0 {
		return nil
	}
	w.behind = w.behind || w.fresh
	if w.bare > w.total-held {
		return errBareLF
	}
	return nil
}

var endOfHead = []byte("\r\n\r\n")

// got is called with the bytes of a read. Most reads end with a head, so the engine won't
// wait for more of it.
func (w *watch) got(b []byte) {
	w.keepStart(b)
	w.fresh = false
	if bytes.HasSuffix(b, endOfHead) {
		w.lf, w.cr = 0, false
	} else {
		w.findEmptyLines(b)
	}
	w.total += int64(len(b))
}

// findEmptyLines looks for an empty line that a bare LF ends or precedes.
func (w *watch) findEmptyLines(b []byte) {
	for i, c := range b {
		if c == '\n' {
			at := w.total + int64(i) + 1
			if w.lf > 0 && (at-w.lf == 1 || at-w.lf == 2 && w.cr && !w.crlf) {
				w.bare = w.lf
			}
			w.lf, w.crlf = at, w.cr
		}
		w.cr = c == '\r'
	}
}

// keepStart keeps the first bytes of the request.
func (w *watch) keepStart(b []byte) {
	if w.behind {
		return
	}
	for w.filled < len(w.start) && len(b) > 0 {
		if w.filled > 0 || b[0] != '\r' && b[0] != '\n' {
			w.start[w.filled] = b[0]
			w.filled++
		}
		b = b[1:]
	}
}

// isHead reports whether the request that is being read is a HEAD. It returns false for
// one that came behind an earlier one in the same packet.
func (w *watch) isHead() bool { return string(w.start[:w.filled]) == headMethod }
