package storage_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	driver "github.com/gofiber/storage/bbolt/v2"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// FuzzOpen checks that no file makes Open panic or hang. A damaged file is read as
// far as it goes and kept beside the new one, or refused and left as it is.
func FuzzOpen(f *testing.F) {
	for _, b := range fuzzSeeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := &damaged{
			specimen: &specimen{clock: testkit.NewClock(), stock: true},
			file:     b, path: filepath.Join(memoryDir(t), "sessions.db"),
		}
		if err := d.judge(); err != nil && !errors.Is(err, storage.ErrNewerFormat) {
			t.Error(err)
		}
	})
}

// fuzzSeeds returns small files: this package's, Fiber's own driver's, and both
// after every vandal.
func fuzzSeeds(f *testing.F) [][]byte {
	cfg := testConfig(f, testkit.NewClock())
	s := open(f, cfg)
	mustCreate(f, s, "a", idle20)
	mustCreate(f, s, "b", idle20)
	if _, err := s.End(context.Background(), record.KeyOf("b"), record.Deleted); err != nil {
		f.Fatal(err)
	}
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(f.TempDir(), "stock.db")
	stock := driver.New(driver.Config{Database: path, Bucket: "fiber_storage", Timeout: time.Second})
	if err := errors.Join(stock.Set("a", []byte("b"), 0), stock.Close()); err != nil {
		f.Fatal(err)
	}
	seeds := [][]byte{nil, readFile(f, cfg.Database), readFile(f, path), nestedBuckets()}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, v := range vandals {
		for _, b := range seeds[1:3] {
			x := &specimen{file: b, older: b}
			seeds = append(seeds, v.do(append([]byte(nil), b...), x, rng))
		}
	}
	return seeds
}
