package file

import "errors"

// Errors of Load and Acquire; package storage documents the first three. Test with
// errors.Is.
var (
	ErrInUse       = errors.New("session file is in use")
	ErrForeign     = errors.New("session file holds foreign data")
	ErrNewerFormat = errors.New("session file has a newer format")
	// ErrDamaged is returned when the file cannot be read, or entries are missing.
	ErrDamaged = errors.New("damaged session file")
)
