package file

import "errors"

// Errors of Load and Acquire. Test with errors.Is.
var (
	// ErrInUse: another process holds the file; the message names it.
	ErrInUse = errors.New("session file is in use")
	// ErrForeign: the file holds buckets of another program, which a rebuild
	// would lose. Give the sessions a file of their own.
	ErrForeign = errors.New("session file holds foreign data")
	// ErrNewerFormat: a newer version of this package wrote the file.
	ErrNewerFormat = errors.New("session file has a newer format")
)
