// Package messages carries one-time notices from the answer that made them to
// the next page that is shown: "your session was deleted" has to outlive the
// session, so it cannot stand in one.
//
// A notice is a key of the catalogue of texts and a few numbers. It holds no
// text and therefore nothing of a visitor's: no name, no id. It travels in a
// cookie that is signed with the server's key, so that nobody can put notices
// into somebody's browser that this server did not make, and that says when it
// was made, so that an old one is not shown. What is wrong with a cookie makes
// no difference: it holds no notices then.
package messages

import (
	"errors"
	"fmt"
	"strings"
)

// A Level says how much a notice matters, and with it how it is announced.
type Level uint8

// The levels, in rising order. Debug is for whoever runs the server.
const (
	Debug Level = iota
	Info
	Success
	Warning
	Error
)

// String returns "debug", "info", "success", "warning" or "error".
func (l Level) String() string {
	switch l {
	case Debug:
		return "debug"
	case Success:
		return "success"
	case Warning:
		return "warning"
	case Error:
		return "error"
	default:
		return "info"
	}
}

// Bounds of what one cookie carries. Four notices of the largest size are 414
// characters: little beside the 4 KiB that a browser keeps of a cookie and the
// 8 KiB that the server reads of a request's head.
const (
	MaxMessages = 4
	MaxKey      = 40 // bytes
	MaxArgs     = 3
)

// A Message is one notice.
type Message struct {
	Level Level
	Key   string  // of the catalogue: 1 to MaxKey of a-z, 0-9 and ._-
	Args  []int64 // what the text counts; at most MaxArgs
}

// ErrBounds: there are too many messages, or one is larger than it may be.
var ErrBounds = errors.New("message is out of bounds")

func (m Message) check() error {
	switch {
	case m.Level > Error:
		return fmt.Errorf("%w: level %d", ErrBounds, m.Level)
	case !validKey(m.Key):
		return fmt.Errorf("%w: key %.50q", ErrBounds, m.Key)
	case len(m.Args) > MaxArgs:
		return fmt.Errorf("%w: %d arguments", ErrBounds, len(m.Args))
	}
	return nil
}

func validKey(key string) bool {
	return key != "" && len(key) <= MaxKey && !strings.ContainsFunc(key, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
	})
}
