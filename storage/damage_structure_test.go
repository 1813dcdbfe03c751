package storage_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// A flipped bit in what holds the file together (page headers, elements, names of
// buckets, sequence numbers) is noticed or changes nothing. The long run flips every
// such bit.
func TestDamage_EveryBitOfTheStructure(t *testing.T) {
	x := ownSpecimen(t, 20)
	bits := someOf(t, structureBits(x.file))
	path := filepath.Join(memoryDir(t), "sessions.db")
	for _, bit := range bits {
		d := &damaged{specimen: x, path: path, file: slices.Clone(x.file)}
		d.file[bit/8] ^= 1 << (bit % 8)
		if err := d.judge(); err != nil {
			t.Errorf("bit %d of byte %d of page %d: %v", bit%8, bit/8%pageSize, bit/8/pageSize, err)
		}
		d.remove()
	}
}

// One meta page written over the other shows the file as it was one commit ago. That
// is damage, because the last commit may have ended a session.
func TestDamage_OneMetaPageOverTheOther(t *testing.T) {
	for _, copied := range [][2]int{{0, 1}, {1, 0}} {
		cfg := testConfig(t, testkit.NewClock())
		s := open(t, cfg)
		k := mustCreate(t, s, "a", record.Lifetime{Idle: time.Hour})
		if _, err := s.End(context.Background(), k, record.Deleted); err != nil {
			t.Fatal(err)
		}
		b := readFile(t, cfg.Database)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		copy(page(b, copied[1]), page(b, copied[0]))
		writeFile(t, cfg.Database, b)
		if r := open(t, cfg).Peek(k); r.State == record.Live {
			t.Errorf("meta page %d over %d: a session that has ended is live", copied[0], copied[1])
		}
	}
}

// A backup whose mark is damaged, so that it no longer says backup, must not be
// taken for the session file: none of its sessions may be live.
func TestDamage_BackupStaysABackup(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	for i := range 5 {
		mustCreate(t, s, raceID(i), record.Lifetime{Idle: time.Hour})
	}
	var backup bytes.Buffer
	if _, err := s.Backup(context.Background(), &backup); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(memoryDir(t), "sessions.db")
	for _, bit := range someOf(t, structureBits(backup.Bytes())) {
		b := bytes.Clone(backup.Bytes())
		b[bit/8] ^= 1 << (bit % 8)
		d := &damaged{specimen: &specimen{clock: clock}, path: path, file: b} // no session may be live
		if err := d.judge(); err != nil {
			t.Errorf("bit %d of byte %d of page %d: %v", bit%8, bit/8%pageSize, bit/8/pageSize, err)
		}
		d.remove()
		if t.Failed() {
			return
		}
	}
}

// someOf returns all bits in the long run, otherwise 400 of them.
func someOf(t *testing.T, bits []int) []int {
	rng := rand.New(rand.NewPCG(newSeed(t), 0))
	rng.Shuffle(len(bits), func(i, j int) { bits[i], bits[j] = bits[j], bits[i] })
	if *longRun {
		return bits
	}
	return bits[:min(len(bits), 400)]
}

// structureBits returns the bits of all bytes of tree pages except the values of
// leaf pages, which have checksums of their own.
func structureBits(file []byte) (bits []int) {
	for _, p := range pagesOf(file, branchFlag|leafFlag) {
		b := page(file, p)
		n := int(binary.LittleEndian.Uint16(b[countAt:]))
		structure := make([]bool, pageSize)
		for i := range pageHeader + n*pageElement {
			structure[i] = true
		}
		for i := range n {
			at := pageHeader + i*pageElement
			le := binary.LittleEndian
			start, key := at+int(le.Uint32(b[at+4:])), int(le.Uint32(b[at+8:]))
			size := key
			if value := int(le.Uint32(b[at+12:])); b[flagsAt] == leafFlag && le.Uint32(b[at:]) != 0 {
				size += value // a bucket, perhaps inline
			}
			for j := start; j < min(start+size, pageSize); j++ {
				structure[j] = true
			}
		}
		for i, is := range structure {
			for bit := 0; is && bit < 8; bit++ {
				bits = append(bits, (p*pageSize+i)*8+bit)
			}
		}
	}
	return bits
}

// A file of nested buckets, each reached in two ways, has too many paths to walk.
// Open has to notice.
func TestDamage_BucketsInBuckets(t *testing.T) {
	d := &damaged{
		specimen: &specimen{clock: testkit.NewClock()},
		path:     filepath.Join(memoryDir(t), "sessions.db"), file: nestedBuckets(),
	}
	if err := d.judge(); err != nil {
		t.Error(err)
	}
}

// nestedBuckets returns such a file. Its root page is a chain of inline buckets;
// both elements of each lead to the next one.
func nestedBuckets() []byte {
	le := binary.LittleEndian
	file := make([]byte, 3*pageSize)
	for i := range 2 {
		b := page(file, i)
		b[0], b[flagsAt] = byte(i), 4
		m := b[pageHeader:]
		le.PutUint32(m, 0xED0CDAED)
		le.PutUint32(m[4:], 2)
		le.PutUint32(m[8:], pageSize)
		le.PutUint64(m[16:], 2)           // root
		le.PutUint64(m[32:], 1<<64-1)     // no freelist
		le.PutUint64(m[40:], 3)           // pages
		le.PutUint64(m[48:], uint64(1+i)) // transaction
		sum := fnv.New64a()
		_, _ = sum.Write(m[:56])
		le.PutUint64(m[56:], sum.Sum64())
	}
	b := page(file, 2)
	b[0], b[flagsAt], b[countAt] = 2, leafFlag, 1
	name, next := "fiber_storage", pageHeader+pageElement
	element(b, pageHeader, next, len(name))
	copy(b[next:], name)
	for at, level := next+len(name), 0; ; level++ {
		inline := b[at+16:] // after the bucket's header
		inline[flagsAt] = leafFlag
		if level == 30 {
			return file // the last one is empty; a billion paths lead to it
		}
		inline[countAt] = 2
		first := at + 16 + pageHeader
		next := first + 2*pageElement
		element(b, first, next, 1)
		element(b, first+pageElement, next, 1)
		at = next + 1
	}
}

// element writes a leaf element: a bucket whose key of that length starts at next,
// and whose value is everything after it.
func element(b []byte, at, next, key int) {
	le := binary.LittleEndian
	le.PutUint32(b[at:], 1)
	le.PutUint32(b[at+4:], uint32(next-at))
	le.PutUint32(b[at+8:], uint32(key))
	le.PutUint32(b[at+12:], uint32(len(b)-next-key))
}
