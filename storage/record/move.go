package record

import (
	"errors"
	"fmt"
	"strings"
)

// A Move is the durable note of a store that its sessions are moving, or have moved. The zero
// Move is no note.
type Move struct {
	Way   Way
	Place string // where to or from, such as redis://127.0.0.1:6379; without a password
}

// Way says how far a move is, and in which direction.
type Way uint8

// The ways. A store that has MovingTo or MovingFrom has only a part of the sessions.
const (
	NotMoved   Way = iota
	MovingTo       // its sessions are moving to the place
	MovedTo        // all of them have moved to the place
	MovingFrom     // sessions are moving here from the place
)

var wayNames = [...]string{"", "moving to", "moved to", "moving from"}

// String returns for example "moving to redis://127.0.0.1:6379"; "" for the zero Move.
func (m Move) String() string {
	if m.Way == NotMoved || int(m.Way) >= len(wayNames) {
		return ""
	}
	return wayNames[m.Way] + " " + m.Place
}

// ParseMove reads what String has written.
func ParseMove(s string) (Move, error) {
	if s == "" {
		return Move{}, nil
	}
	for way, name := range wayNames {
		if place, ok := strings.CutPrefix(s, name+" "); ok && way > 0 && place != "" {
			return Move{Way(way), place}, nil
		}
	}
	return Move{}, fmt.Errorf("storage: unknown mark of a move %q; use the version that wrote it, or a newer one", s)
}

// ErrMoved is returned by Open when the sessions have moved to another store, or are moving.
// Get the Move by errors.As with a MovedError.
var ErrMoved = errors.New("storage: sessions have moved")

// A MovedError is ErrMoved with the note of the store.
type MovedError struct{ Move Move }

func (e *MovedError) Error() string {
	switch e.Move.Way {
	case MovingFrom:
		return "sessions are moving here from " + e.Move.Place
	case MovingTo:
		return "sessions are moving to " + e.Move.Place
	default:
		return "sessions have moved to " + e.Move.Place
	}
}

func (e *MovedError) Unwrap() error { return ErrMoved }
