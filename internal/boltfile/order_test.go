package boltfile_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"pagesession/internal/boltfile"
)

// A file that bbolt wrote is sorted, after any puts and deletes. With another key in a
// branch page it can be read, and is not sorted.
func TestVerify_Sorted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, NoFreelistSync: true})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		if err := db.Update(func(tx *bbolt.Tx) error { return churn(tx, rng) }); err != nil {
			t.Fatal(err)
		}
		if !isSorted(t, path) {
			t.Fatal("a file of bbolt is not sorted")
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	branches := 0
	eachElement(t, path, func(f *os.File, key int64) {
		branches++
		for bit := range 8 {
			flip(t, f, key, bit)
			if isSorted(t, path) {
				t.Errorf("bit %d of the key at byte %d is flipped, and the file is sorted", bit, key)
			}
			flip(t, f, key, bit)
		}
	})
	if branches == 0 || !isSorted(t, path) {
		t.Errorf("%d keys in branch pages; want some, and the file as it was", branches)
	}
}

// churn puts and deletes keys in the middle and at the ends of a bucket, and lets it shrink
// at times.
func churn(tx *bbolt.Tx, rng *rand.Rand) error {
	b, err := tx.CreateBucketIfNotExists([]byte("bucket"))
	if err != nil {
		return err
	}
	key := func(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	from := rng.IntN(5000)
	for i := range rng.IntN(300) {
		if err := b.Put(key(rng.IntN(5000)), make([]byte, rng.IntN(300))); err != nil {
			return err
		}
		if err := b.Delete(key(from + i)); err != nil {
			return err
		}
	}
	return nil
}

func isSorted(t *testing.T, path string) bool {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	m, err := boltfile.Verify(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return m.Sorted
}

// eachElement calls do with the place of the last byte of each key in the branch pages that
// lead to the bucket's values.
func eachElement(t *testing.T, path string, do func(f *os.File, key int64)) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var root uint64
	_ = db.View(func(tx *bbolt.Tx) error {
		root = uint64(tx.Bucket([]byte("bucket")).Root())
		return nil
	})
	page := make([]byte, os.Getpagesize())
	at := int64(root) * int64(len(page))
	if _, err := f.ReadAt(page, at); err != nil {
		t.Fatal(err)
	}
	for i := range int(binary.LittleEndian.Uint16(page[10:])) {
		e := 16 + 16*i
		pos, size := binary.LittleEndian.Uint32(page[e:]), binary.LittleEndian.Uint32(page[e+4:])
		do(f, at+int64(e)+int64(pos)+int64(size)-1)
	}
}

func flip(t *testing.T, f *os.File, at int64, bit int) {
	t.Helper()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1 << bit
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}
