package account

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// bbolt follows a damaged page that points to itself until memory is full. So before it
// reads a file, pages walks the tree: every page lies inside the file and is reached once.
// Everything else that is wrong makes bbolt panic, which guarded converts. The layout is
// bbolt's file format version 2, on little-endian machines.
const (
	pageHead = 16 // its number, flags, elements, further pages
	element  = 16
	isBranch = 1
	isBucket = 1 // of an element of a leaf

	maxPageSize = 64 << 10
)

var errPageTree = errors.New("its pages are damaged")

// A pageWalk is a walk through the pages of a file.
type pageWalk struct {
	file  io.ReaderAt
	size  int64
	pages uint64
	seen  map[uint64]bool
	left  int64 // elements that a file of this length can have
}

// checkPages returns an error for a file that bbolt must not read.
func checkPages(file io.ReaderAt, length int64) error {
	first, _ := readHead(file, 0)
	size := int64(first.size)
	second, err := readHead(file, size)
	if first.size == 0 || err != nil || second.size != first.size {
		return fmt.Errorf("%w: one of its two heads is broken", errPageTree)
	}
	newest := first
	if second.commit > first.commit {
		newest = second
	}
	if newest.pages > uint64(length/size) {
		return fmt.Errorf("%w: it was cut", errPageTree)
	}
	w := &pageWalk{file, size, newest.pages, map[uint64]bool{}, length / element}
	return w.page(newest.root)
}

// A fileHead is one of the two meta pages, which commits write in turn. The zero value is
// a broken one. A disk writes a page as a whole, so a broken one is damage, and the other
// one may be from before an operator was disabled.
type fileHead struct {
	size                uint32
	root, pages, commit uint64
}

func readHead(file io.ReaderAt, at int64) (fileHead, error) {
	b := make([]byte, pageHead+64)
	if _, err := file.ReadAt(b, at); err != nil {
		return fileHead{}, err
	}
	b = b[pageHead:]
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	le := binary.LittleEndian
	head := fileHead{le.Uint32(b[8:]), le.Uint64(b[16:]), le.Uint64(b[40:]), le.Uint64(b[48:])}
	if le.Uint64(b[56:]) != sum.Sum64() || head.size < 512 || head.size > maxPageSize {
		return fileHead{}, errPageTree
	}
	return head, nil
}

// page walks through a page and those below it.
func (w *pageWalk) page(id uint64) error {
	head := make([]byte, pageHead)
	if id < 2 || id >= w.pages || w.seen[id] {
		return fmt.Errorf("%w: page %d is outside of the file or used twice", errPageTree, id)
	}
	w.seen[id] = true
	if _, err := w.file.ReadAt(head, int64(id)*w.size); err != nil {
		return err
	}
	more := uint64(binary.LittleEndian.Uint32(head[12:]))
	if id+more >= w.pages {
		return fmt.Errorf("%w: page %d is too long", errPageTree, id)
	}
	b := make([]byte, int64(1+more)*w.size)
	if _, err := w.file.ReadAt(b, int64(id)*w.size); err != nil {
		return err
	}
	return w.elements(b)
}

// elements walks through what is below a page. A bucket without pages of its own is a
// page in its value.
func (w *pageWalk) elements(b []byte) error {
	le := binary.LittleEndian
	if len(b) < pageHead {
		return errPageTree
	}
	branch, count := le.Uint16(b[8:]) == isBranch, int(le.Uint16(b[10:]))
	if w.left -= int64(count); w.left < 0 || pageHead+count*element > len(b) {
		return fmt.Errorf("%w: it has more elements than fit", errPageTree)
	}
	for i := range count {
		at := pageHead + i*element
		e := b[at:]
		var err error
		if branch {
			err = w.page(le.Uint64(e[8:]))
		} else if le.Uint32(e) == isBucket {
			err = w.bucket(b, int64(at)+int64(le.Uint32(e[4:]))+int64(le.Uint32(e[8:])))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket walks through the bucket whose value begins at byte at of a page.
func (w *pageWalk) bucket(b []byte, at int64) error {
	if at+16 > int64(len(b)) {
		return errPageTree
	}
	if root := binary.LittleEndian.Uint64(b[at:]); root != 0 {
		return w.page(root)
	}
	return w.elements(b[at+16:])
}
