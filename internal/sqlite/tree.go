package sqlite

import (
	"encoding/binary"
	"fmt"
)

const (
	interiorTable = 0x05
	leafTable     = 0x0d

	// maxDepth is more than a tree of 2^32 pages has.
	maxDepth = 40
	// maxRow bounds the memory of one row; a Django user takes some hundred bytes.
	maxRow = 1 << 20
)

// A walk goes through the tree of one table, in the order of its row ids.
type walk struct {
	f     *File
	left  uint32 // pages it may still read: a tree has each only once
	room  int    // bytes that rows may still take of the present leaf: each belongs to one row
	visit func(rowid int64, record []byte) error
}

func (f *File) walk(root uint32, visit func(int64, []byte) error) error {
	w := &walk{f: f, left: f.pages, visit: visit}
	return w.page(root, 0)
}

func (w *walk) read(n uint32) ([]byte, error) {
	if w.left == 0 {
		return nil, fmt.Errorf("%w: its pages go in circles", ErrFormat)
	}
	w.left--
	return w.f.page(n)
}

func (w *walk) page(n uint32, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: its pages go too deep", ErrFormat)
	}
	b, err := w.read(n)
	if err != nil {
		return err
	}
	head := 0
	if n == 1 {
		head = headerSize
	}
	switch b[head] {
	case leafTable:
		w.room = len(b)
		return w.cells(b, head, 8, func(cell []byte) error { return w.row(cell) })
	case interiorTable:
		err := w.cells(b, head, 12, func(cell []byte) error { return w.child(cell, depth) })
		if err != nil {
			return err
		}
		return w.page(binary.BigEndian.Uint32(b[head+8:]), depth+1)
	default:
		return fmt.Errorf("%w: page %d is none of a table", ErrFormat, n)
	}
}

// cells calls do with each cell of a page, up to the page's end.
func (w *walk) cells(b []byte, head, headLength int, do func([]byte) error) error {
	count := int(binary.BigEndian.Uint16(b[head+3:]))
	pointers := b[head+headLength:]
	if 2*count > len(pointers) {
		return fmt.Errorf("%w: a page says that it has %d cells", ErrFormat, count)
	}
	for i := range count {
		at := int(binary.BigEndian.Uint16(pointers[2*i:]))
		if at >= len(b) {
			return fmt.Errorf("%w: a cell is outside its page", ErrFormat)
		}
		if err := do(b[at:]); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) child(cell []byte, depth int) error {
	if len(cell) < 4 {
		return fmt.Errorf("%w: a cell is cut short", ErrFormat)
	}
	return w.page(binary.BigEndian.Uint32(cell), depth+1)
}

func (w *walk) row(cell []byte) error {
	size, cell, ok := varint(cell)
	rowid, cell, ok2 := varint(cell)
	if !ok || !ok2 || size > maxRow {
		return fmt.Errorf("%w: a row of %d bytes", ErrFormat, size)
	}
	if w.room -= w.local(int(size)); w.room < 0 {
		return fmt.Errorf("%w: rows lie one over the other", ErrFormat)
	}
	record, err := w.payload(int(size), cell)
	if err != nil {
		return err
	}
	return w.visit(int64(rowid), record)
}

// payload returns a row's bytes, which go on in pages of their own when they do
// not fit into the leaf.
func (w *walk) payload(size int, cell []byte) ([]byte, error) {
	local := w.local(size)
	if local == size {
		if size > len(cell) {
			return nil, fmt.Errorf("%w: a row is cut short", ErrFormat)
		}
		return cell[:size], nil
	}
	if local+4 > len(cell) {
		return nil, fmt.Errorf("%w: a row is cut short", ErrFormat)
	}
	record := append(make([]byte, 0, size), cell[:local]...)
	next := binary.BigEndian.Uint32(cell[local:])
	for len(record) < size {
		b, err := w.read(next)
		if err != nil {
			return nil, err
		}
		next = binary.BigEndian.Uint32(b)
		record = append(record, b[4:min(len(b), 4+size-len(record))]...)
	}
	return record, nil
}

// local is how many bytes of a row stand in its leaf.
func (w *walk) local(size int) int {
	usable := w.f.usable
	most := usable - 35
	if size <= most {
		return size
	}
	least := (usable-12)*32/255 - 23
	if k := least + (size-least)%(usable-4); k <= most {
		return k
	}
	return least
}

// varint is SQLite's: up to nine bytes, the most significant first.
func varint(b []byte) (n uint64, rest []byte, ok bool) {
	for i := 0; i < len(b) && i < 9; i++ {
		if i == 8 {
			return n<<8 | uint64(b[i]), b[9:], true
		}
		n = n<<7 | uint64(b[i]&0x7f)
		if b[i] < 0x80 {
			return n, b[i+1:], true
		}
	}
	return 0, nil, false
}
