package file

import (
	"encoding/binary"
	"io"
)

// holdsFrames reports whether any page of the file has a frame of this package, used
// or not: then it is a session file, whatever its buckets are called.
func holdsFrames(f io.ReaderAt, pageSize int64) bool {
	b := make([]byte, pageSize)
	for at := 2 * pageSize; ; at += pageSize {
		if _, err := f.ReadAt(b, at); err != nil {
			return false // at the end
		}
		if hasFrame(b, 1) {
			return true
		}
	}
}

// hasFrame looks through a leaf page, and through the buckets that stand in it.
func hasFrame(b []byte, depth int) bool {
	le := binary.LittleEndian
	if len(b) < pageHeader || le.Uint16(b[8:]) != flagLeaf {
		return false
	}
	for i := range min(int(le.Uint16(b[10:])), (len(b)-pageHeader)/elementSize) {
		at := pageHeader + i*elementSize
		e := b[at:]
		value, ok := within(b, at, le.Uint32(e[4:]), le.Uint32(e[8:]), le.Uint32(e[12:]))
		switch {
		case !ok:
		case isOwnFrame(value):
			return true
		case le.Uint32(e)&leafBucket != 0 && len(value) > bucketHeader && depth < maxDepth:
			if hasFrame(value[bucketHeader:], depth+1) {
				return true
			}
		}
	}
	return false
}

// isOwnFrame tells our frames from values that have the checksum by chance.
func isOwnFrame(b []byte) bool {
	return isFrame(b) && frameKind(b[5]) >= kindRecord && frameKind(b[5]) <= kindMark && b[4] >= frameVersion
}
