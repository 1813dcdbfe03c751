package file

import (
	"errors"

	"pagesession/internal/boltfile"
)

// Errors of Load and Acquire; package storage documents the first three. Test with
// errors.Is.
var (
	ErrInUse       = errors.New("session file is used by another process")
	ErrForeign     = errors.New("it holds data of another program")
	ErrNewerFormat = errors.New("newer format")
	// ErrNoRoom is returned by Update when the disk, the largest size of the file or
	// the memory to map it is reached. Nothing has happened; it may be tried again.
	ErrNoRoom = errors.New("no room for the session file")
	// ErrDamaged is returned when the file cannot be read, or entries are missing.
	ErrDamaged = boltfile.ErrDamaged
	// ErrChanged is returned when the file is not what this process has written under
	// its name: it vanished, or another program has replaced, cut or overwritten it.
	ErrChanged = errors.New("session file was changed by another program")
)
