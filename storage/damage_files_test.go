package storage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	driver "github.com/gofiber/storage/bbolt/v2"

	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// A specimen is a whole session file, with what is in it.
type specimen struct {
	name  string
	file  []byte
	older []byte         // the same file some commits earlier, page for page
	clock *testkit.Clock // at its last moment
	live  map[record.Key]sighting
	ended []string // ids
	stock bool     // written by Fiber's own driver, so values cannot be checked
}

// collectSpecimens makes files of several sizes: small ones have one page a bucket,
// large ones have branch pages on two levels.
func collectSpecimens(t *testing.T) []*specimen {
	return []*specimen{
		ownSpecimen(t, 20), ownSpecimen(t, 300), ownSpecimen(t, 3000), ownSpecimen(t, 30_000),
		stockSpecimen(t, 2000),
	}
}

// ownSpecimen makes a file of n sessions, some of them refreshed, changed or ended.
func ownSpecimen(t *testing.T, n int) *specimen {
	x := &specimen{name: fmt.Sprintf("%d sessions", n), clock: testkit.NewClock()}
	cfg := testConfig(t, x.clock)
	cfg.Database = filepath.Join(memoryDir(t), "sessions.db")
	s := open(t, cfg)
	id := func(i int) string { return fmt.Sprintf("id-%d", i) }
	key := func(i int) record.Key { return record.KeyOf(id(i)) }
	together(n, func(i int) {
		v := fmt.Appendf(nil, "value of %d, %0*d", i, i%150, 0)
		mustCreateValue(t, s, id(i), v, time.Hour)
	})
	x.older = readFile(t, cfg.Database)
	x.clock.Advance(10 * time.Minute)
	together(n, func(i int) {
		switch i % 10 {
		case 0, 1:
			if ended, err := s.End(context.Background(), key(i), record.Deleted); !ended || err != nil {
				t.Errorf("End = %v, %v; want true, nil", ended, err)
			}
		case 2, 3:
			if err := s.Replace(context.Background(), key(i), fmt.Appendf(nil, "new value of %d", i), time.Hour); err != nil {
				t.Errorf("Replace: %v", err)
			}
		case 4, 5, 6:
			s.Refresh(key(i))
		}
	})
	for i := range n {
		if i%10 < 2 {
			x.ended = append(x.ended, id(i))
		}
	}
	x.clock.Advance(5 * time.Minute)
	x.live = look(s, x.clock).live
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	x.file = readFile(t, cfg.Database)
	return x
}

// stockSpecimen makes a file of Fiber's own driver.
func stockSpecimen(t *testing.T, n int) *specimen {
	x := &specimen{name: "stock driver", clock: testkit.NewClock(), stock: true}
	path := filepath.Join(memoryDir(t), "sessions.db")
	s := driver.New(driver.Config{Database: path, Bucket: "fiber_storage", Timeout: time.Second})
	s.Conn().NoSync = true
	for i := range n {
		if err := s.Set(fmt.Sprintf("stock-%d", i), fmt.Appendf(nil, "value of %d", i), 0); err != nil {
			t.Fatal(err)
		}
		if i == n/2 {
			x.older = readFile(t, path)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	x.file = readFile(t, path)
	return x
}

// together calls f for 0 to n-1 from many goroutines, so that they share commits.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	workers := min(n, 1024)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Constants of bbolt's file format that the vandals need.
const (
	pageSize     = 4096
	pageHeader   = 16
	pageElement  = 16
	flagsAt      = 8
	countAt      = 10
	branchFlag   = 1
	leafFlag     = 2
	branchPageAt = 8 // offset in an element
)

// pagesOf returns the numbers of the pages that have one of the flags.
func pagesOf(file []byte, flags byte) []int {
	var pages []int
	for p := 2; (p+1)*pageSize <= len(file); p++ {
		b := file[p*pageSize:]
		if b[flagsAt]&flags != 0 && int(b[0])|int(b[1])<<8|int(b[2])<<16 == p {
			pages = append(pages, p)
		}
	}
	return pages
}

func pick(rng *rand.Rand, list []int) int { return list[rng.IntN(len(list))] }
