package file

import "errors"

// Errors of Load and Acquire; package storage documents the first three. Test with
// errors.Is.
var (
	ErrInUse       = errors.New("session file is used by another process")
	ErrForeign     = errors.New("it holds data of another program")
	ErrNewerFormat = errors.New("newer format")
	// ErrDamaged is returned when the file cannot be read, or entries are missing.
	ErrDamaged = errors.New("damaged")
)
