// Package boltfile checks whether bbolt can read a file, and finds the values in its pages.
package boltfile

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"math"
	"os"
)

// bbolt trusts its pages. A flipped bit can make it panic, read outside the file
// (SIGBUS), or follow a page that points to itself until memory is full. So before
// bbolt reads a file, Verify walks its tree: every page is reached once, lies inside
// the file, and says what it is. The layout is bbolt's file format version 2
// (go.etcd.io/bbolt/internal/common), on little-endian machines.
const (
	pageHeader   = 16
	elementSize  = 16 // of branches and of leaves
	bucketHeader = 16

	flagBranch = 0x01
	flagLeaf   = 0x02
	flagMeta   = 0x04
	leafBucket = 0x01

	boltMagic   = 0xED0CDAED
	boltVersion = 2

	// NoFreelist is the Free of a file without a list of free pages.
	NoFreelist = math.MaxUint64
	// TxIDAt is where the number of its commit begins in a meta page.
	TxIDAt = pageHeader + 48

	// maxDepth is far more than a tree of 2^64 pages needs.
	maxDepth = 64
)

// ErrDamaged is returned for a file that bbolt cannot read.
var ErrDamaged = errors.New("damaged")

// A walker checks one file.
type walker struct {
	ctx      context.Context // ends the walk
	f        io.ReaderAt
	size     int64
	pageSize int64
	pages    uint64               // number of pages below the high-water mark
	seen     []uint64             // a bit for each page
	left     int64                // how many more elements a file of this size can have
	bytes    [maxDepth + 1][]byte // of the page under way at each depth
	unsorted bool                 // see Meta.Sorted
}

// reach marks a page as seen, and reports whether it was seen before.
func (w *walker) reach(id uint64) (again bool) {
	bit := uint64(1) << (id % 64)
	again = w.seen[id/64]&bit != 0
	w.seen[id/64] |= bit
	return again
}

// A Meta is the content of a meta page.
type Meta struct {
	PageSize    uint32
	Root, Pages uint64 // the page of the root bucket; the number of pages
	TxID        uint64 // the number of the commit
	Free        uint64 // the page of the list of free pages, or NoFreelist
	Sorted      bool   // bbolt finds each key that the file has; false from Newest, which reads no keys
}

// Verify returns the newer meta page of a file that bbolt can read, ErrDamaged for
// any other, or the disk's error. No other process may write the file meanwhile. A file
// that is not Sorted can be read from its first key to its last one, and no more.
func Verify(ctx context.Context, f *os.File) (Meta, error) {
	info, err := f.Stat()
	if err != nil {
		return Meta{}, err
	}
	m, err := Newest(f, info.Size())
	if err != nil {
		return Meta{}, err
	}
	w := &walker{
		ctx: ctx, f: f, size: info.Size(), pageSize: int64(m.PageSize), pages: m.Pages, left: info.Size() / elementSize,
	}
	if int64(m.Pages) < 0 || int64(m.Pages) > w.size/w.pageSize {
		return Meta{}, fmt.Errorf("%w: %d bytes are too few for %d pages", ErrDamaged, w.size, m.Pages)
	}
	w.seen = make([]uint64, m.Pages/64+1)
	err = w.page(m.Root, 0, span{})
	m.Sorted = err == nil && !w.unsorted
	return m, err
}

// Newest returns the newer meta page of a file of size bytes. Both must be whole. A disk
// writes a meta page at once, so a broken one is damage, and the other one may be from
// before the end of a session, or before an operator was disabled. The two are never of
// the same commit: commits write them in turn, and the second one of a backup is one
// commit older. A meta page that the disk has lost does no harm once the next commit has
// written the other one. Before that the file looks as it does after a crash just before
// the commit, and nothing tells the two apart.
func Newest(f io.ReaderAt, size int64) (Meta, error) {
	w := &walker{f: f, size: size}
	first, err := w.meta(0)
	if err != nil {
		return Meta{}, err
	}
	second, err := w.meta(int64(first.PageSize))
	if err != nil {
		return Meta{}, err
	}
	if first.TxID == second.TxID {
		return Meta{}, fmt.Errorf("%w: both meta pages are from commit %d", ErrDamaged, first.TxID)
	}
	if second.TxID > first.TxID {
		return second, nil
	}
	return first, nil
}

func (w *walker) meta(offset int64) (Meta, error) {
	b, err := w.read(offset, pageHeader+64)
	if err != nil {
		return Meta{}, err
	}
	le := binary.LittleEndian
	flags, b := le.Uint16(b[8:]), b[pageHeader:]
	m := Meta{
		PageSize: le.Uint32(b[8:]), Root: le.Uint64(b[16:]), Free: le.Uint64(b[32:]), Pages: le.Uint64(b[40:]), TxID: le.Uint64(b[48:]),
	}
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	valid := flags == flagMeta && le.Uint32(b) == boltMagic && le.Uint32(b[4:]) == boltVersion &&
		le.Uint64(b[56:]) == sum.Sum64() && m.PageSize >= 512 && m.PageSize <= 1<<20
	if !valid {
		return Meta{}, fmt.Errorf("%w: the meta page at byte %d is broken", ErrDamaged, offset)
	}
	return m, nil
}

func (w *walker) read(offset int64, n int) ([]byte, error) {
	b := make([]byte, n)
	return b, w.readInto(b, offset)
}

func (w *walker) readInto(b []byte, offset int64) error {
	if offset < 0 || offset+int64(len(b)) > w.size {
		return fmt.Errorf("%w: it is cut off at %d bytes", ErrDamaged, w.size)
	}
	_, err := w.f.ReadAt(b, offset)
	return err
}

// pageAt reads so many pages from page id on. The bytes are valid until the next page of
// this depth.
func (w *walker) pageAt(id, pages uint64, depth int) ([]byte, error) {
	n := int(w.pageSize) * int(pages)
	if cap(w.bytes[depth]) < n {
		w.bytes[depth] = make([]byte, n)
	}
	b := w.bytes[depth][:n]
	return b, w.readInto(b, int64(id)*w.pageSize)
}

// page checks a page and everything below it.
func (w *walker) page(id uint64, depth int, keys span) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if id < 2 || id >= w.pages || depth > maxDepth || w.reach(id) {
		return fmt.Errorf("%w: page %d is out of range, used twice or too deep", ErrDamaged, id)
	}
	b, err := w.pageAt(id, 1, depth)
	if err != nil {
		return err
	}
	overflow := uint64(binary.LittleEndian.Uint32(b[12:]))
	if id+overflow >= w.pages || binary.LittleEndian.Uint64(b) != id {
		return fmt.Errorf("%w: page %d is too long or has another number", ErrDamaged, id)
	}
	for next := id + 1; next <= id+overflow; next++ {
		if w.reach(next) {
			return fmt.Errorf("%w: page %d is used twice", ErrDamaged, next)
		}
	}
	if overflow > 0 {
		if b, err = w.pageAt(id, 1+overflow, depth); err != nil {
			return err
		}
	}
	return w.elements(b, id, depth, keys)
}

// elements checks a page whose bytes are b. An inline bucket has no number: id is 0.
func (w *walker) elements(b []byte, id uint64, depth int, keys span) error {
	if len(b) < pageHeader {
		return fmt.Errorf("%w: a page has only %d bytes", ErrDamaged, len(b))
	}
	count := int(binary.LittleEndian.Uint16(b[10:]))
	if pageHeader+count*elementSize > len(b) {
		return fmt.Errorf("%w: page %d is too small for %d elements", ErrDamaged, id, count)
	}
	// Inline buckets may overlap, and then their number grows with every level.
	if w.left -= int64(count); w.left < 0 {
		return fmt.Errorf("%w: it has more elements than its size allows", ErrDamaged)
	}
	flags := binary.LittleEndian.Uint16(b[8:])
	branch := flags == flagBranch && id != 0 && count > 0
	if !branch && flags != flagLeaf {
		return fmt.Errorf("%w: page %d has flags %#x", ErrDamaged, id, flags)
	}
	w.unsorted = w.unsorted || !keys.fits(b, count, branch)
	for i := range count {
		ok, below := w.element(b, pageHeader+i*elementSize, branch, depth, keys.below(b, i, count, branch))
		if !ok {
			return fmt.Errorf("%w: element %d of page %d lies outside the page", ErrDamaged, i, id)
		}
		if below != nil {
			return below
		}
	}
	return nil
}

// element checks one element of a page and everything below it. ok is false when the
// element does not lie inside the page.
func (w *walker) element(b []byte, at int, branch bool, depth int, keys span) (ok bool, below error) {
	le, e := binary.LittleEndian, b[at:]
	if branch {
		if _, ok := within(b, at, le.Uint32(e), le.Uint32(e[4:]), 0); !ok {
			return false, nil
		}
		return true, w.page(le.Uint64(e[8:]), depth+1, keys)
	}
	value, ok := within(b, at, le.Uint32(e[4:]), le.Uint32(e[8:]), le.Uint32(e[12:]))
	if ok && le.Uint32(e)&leafBucket != 0 {
		below = w.bucket(value, depth)
	}
	return ok, below
}

// bucket checks a nested bucket: its header, then its page. If the root is 0, the
// page follows the header.
func (w *walker) bucket(value []byte, depth int) error {
	if len(value) < bucketHeader || depth > maxDepth {
		return fmt.Errorf("%w: a bucket has only %d bytes or is too deep", ErrDamaged, len(value))
	}
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		return w.page(root, depth+1, span{})
	}
	return w.elements(value[bucketHeader:], 0, depth+1, span{})
}

// within returns the value of an element. Key and value begin pos bytes after the
// element's own place.
func within(b []byte, at int, pos, key, value uint32) ([]byte, bool) {
	start := int64(at) + int64(pos)
	end := start + int64(key) + int64(value)
	if end > int64(len(b)) {
		return nil, false
	}
	return b[start+int64(key) : end], true
}

// Values returns the values of a leaf page and of the buckets that stand in it; none for
// another page. It goes on behind an element that is damaged.
func Values(page []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) { values(page, 1, yield) }
}

func values(b []byte, depth int, yield func([]byte) bool) bool {
	le := binary.LittleEndian
	if len(b) < pageHeader || le.Uint16(b[8:]) != flagLeaf {
		return true
	}
	for i := range min(int(le.Uint16(b[10:])), (len(b)-pageHeader)/elementSize) {
		at := pageHeader + i*elementSize
		e := b[at:]
		value, ok := within(b, at, le.Uint32(e[4:]), le.Uint32(e[8:]), le.Uint32(e[12:]))
		if ok && !yield(value) {
			return false
		}
		inline := ok && le.Uint32(e)&leafBucket != 0 && len(value) > bucketHeader && depth < maxDepth
		if inline && !values(value[bucketHeader:], depth+1, yield) {
			return false
		}
	}
	return true
}
