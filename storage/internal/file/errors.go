package file

import "errors"

// Errors of Load and Acquire; package storage documents them. Test with errors.Is.
var (
	ErrInUse       = errors.New("session file is in use")
	ErrForeign     = errors.New("session file holds foreign data")
	ErrNewerFormat = errors.New("session file has a newer format")
)
