package file

import (
	"io"

	"pagesession/internal/boltfile"
)

// holdsFrames reports whether any page of the file has a frame of this package, used
// or not: then it is a session file, whatever its buckets are called.
func holdsFrames(f io.ReaderAt, pageSize int64) bool {
	b := make([]byte, pageSize)
	for at := 2 * pageSize; ; at += pageSize {
		if _, err := f.ReadAt(b, at); err != nil {
			return false // at the end
		}
		for value := range boltfile.Values(b) {
			if isOwnFrame(value) {
				return true
			}
		}
	}
}

// isOwnFrame tells our frames from values that have the checksum by chance.
func isOwnFrame(b []byte) bool {
	return isFrame(b) && frameKind(b[5]) >= kindRecord && frameKind(b[5]) <= kindMark && b[4] >= frameVersion
}
