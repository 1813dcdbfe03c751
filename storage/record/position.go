package record

import (
	"fmt"
	"strconv"
	"strings"
)

// A Position is a place in the list of a store that lists by position: after a session, in
// the order of creation. The zero Position is before all sessions.
type Position struct {
	Created int64  // of the session before it, in Unix milliseconds by the store's clock
	Handle  Handle // of the session before it
}

// String returns the position as one word, which ParsePosition reads; "" for the zero
// Position.
func (p Position) String() string {
	if p == (Position{}) {
		return ""
	}
	return strconv.FormatInt(p.Created, 10) + "-" + p.Handle.String()
}

// ParsePosition reads what String wrote. Anything else is an error.
func ParsePosition(s string) (p Position, err error) {
	if s == "" {
		return Position{}, nil
	}
	created, handle, _ := strings.Cut(s, "-")
	n, err := strconv.ParseUint(created, 10, 63)
	if err == nil {
		p.Created = int64(n)
		p.Handle, err = ParseHandle(handle)
	}
	if err != nil {
		return Position{}, fmt.Errorf("storage: position %.80q in a list: %w", s, err)
	}
	return p, nil
}
