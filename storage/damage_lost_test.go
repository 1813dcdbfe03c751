package storage_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// A disk that loses one page write, and says that it has written it, never keeps the
// storage from starting. What is shown is what was there, and a file that lacks
// anything is moved aside and reported. A lost meta page does no harm once another
// commit has followed; until then the file looks as it does after a crash just before
// that commit.
func TestDamage_LostPageWrite(t *testing.T) {
	h := recordHistory(t, 40)
	rng := rand.New(rand.NewPCG(newSeed(t), 0))
	dir, n := memoryDir(t), sized(150, 2000)
	for range n {
		lost := 1 + rng.IntN(len(h)-1) // the commit that loses a write
		seen := min(lost+rng.IntN(3), len(h)-1)
		p := pick(rng, changedPages(h[lost-1].file, h[lost].file))
		file := slices.Clone(h[seen].file)
		if !bytes.Equal(page(file, p), page(h[lost].file, p)) {
			continue // it was written again since
		}
		was := h[lost-1].file
		if (p+1)*pageSize > len(was) {
			continue
		}
		copy(page(file, p), page(was, p))
		x := h[seen]
		if p < 2 && seen == lost {
			x = h[lost-1] // as after a crash before the commit
			x.clock = h[seen].clock
		}
		d := &damaged{specimen: &x, path: filepath.Join(dir, "sessions.db"), file: file}
		if err := d.judge(); err != nil {
			t.Errorf("commit %d of %d, page %d: %v", lost, seen, p, err)
		}
		d.remove()
	}
}

// recordHistory returns the session file, and what is in it, after each of some
// commits.
func recordHistory(t *testing.T, commits int) (h []specimen) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	cfg.Database = filepath.Join(memoryDir(t), "sessions.db")
	s := open(t, cfg)
	rng := rand.New(rand.NewPCG(1, 1))
	var ids, ended []string
	note := func() {
		h = append(h, specimen{name: "history", file: readFile(t, cfg.Database), clock: testkit.CopyOf(clock),
			live: look(s, clock).live, ended: slices.Clone(ended)})
	}
	for i := range 60 {
		ids = append(ids, fmt.Sprint("id-", i))
		mustCreateValue(t, s, ids[i], fmt.Appendf(nil, "value of %d, %0*d", i, 400, 0), time.Hour)
	}
	note()
	for i := range commits {
		clock.Advance(time.Second)
		k := record.KeyOf(ids[rng.IntN(len(ids))])
		var err error
		switch i % 4 {
		case 0:
			ids = append(ids, fmt.Sprint("new-", i))
			mustCreateValue(t, s, ids[len(ids)-1], []byte("new"), time.Hour)
		case 1:
			err = s.Replace(context.Background(), k, fmt.Appendf(nil, "changed in %d", i), time.Hour)
		case 2:
			at := rng.IntN(len(ids))
			ended = append(ended, ids[at])
			_, err = s.End(context.Background(), record.KeyOf(ids[at]), record.Deleted)
			ids = slices.Delete(ids, at, at+1)
		default:
			for _, id := range ids[:len(ids)/2] {
				s.Refresh(record.KeyOf(id))
			}
			err = s.Sync(context.Background())
		}
		if err != nil {
			t.Fatal(err)
		}
		note()
	}
	return h
}

func changedPages(before, after []byte) (pages []int) {
	for p := 0; (p+1)*pageSize <= len(after); p++ {
		if (p+1)*pageSize > len(before) || !bytes.Equal(page(before, p), page(after, p)) {
			pages = append(pages, p)
		}
	}
	return pages
}
