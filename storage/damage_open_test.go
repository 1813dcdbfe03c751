package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// Whatever happens to a session file, Open returns within five seconds with a
// storage that works. The storage shows no session that has ended, that never was,
// or that has another value or more time than it had. If anything is missing, the
// damaged file is kept unchanged.
func TestDamage_Open(t *testing.T) {
	seed := newSeed(t)
	specimens := collectSpecimens(t)
	n := sized(150, 10_000)
	if raceDetector {
		n = sized(200, 2000)
	}
	var wg sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		dir := memoryDir(t)
		wg.Go(func() {
			for i := w; i < n; i += runtime.GOMAXPROCS(0) {
				rng := rand.New(rand.NewPCG(seed, uint64(i)))
				x, v := pickSpecimen(specimens, rng), vandals[i%len(vandals)]
				d := &damaged{specimen: x, path: filepath.Join(dir, fmt.Sprintf("%d.db", i)), file: v.do(slices.Clone(x.file), x, rng)}
				if err := d.judge(); err != nil {
					t.Errorf("damage %d: %s, %s: %v", i, x.name, v.name, err)
				}
				d.remove()
			}
		})
	}
	wg.Wait()
}

// pickSpecimen rarely returns the largest specimen, which takes longest.
func pickSpecimen(specimens []*specimen, rng *rand.Rand) *specimen {
	if n := rng.IntN(100); n < 4 {
		return specimens[3]
	}
	return specimens[[]int{0, 1, 1, 2, 4}[rng.IntN(5)]]
}

// damaged is one damaged file.
type damaged struct {
	*specimen
	path string
	file []byte
}

// judge opens the file and returns what is wrong with the result.
func (d *damaged) judge() error {
	if err := os.WriteFile(d.path, d.file, 0o600); err != nil {
		return err
	}
	clock := testkit.CopyOf(d.clock)
	cfg := storage.Config{
		Database: d.path, RefuseEnded: true, Clock: clock, FlushInterval: time.Second, SweepInterval: time.Hour,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	cfg = storage.WithMany(cfg, int(crc32.ChecksumIEEE(d.file)%2)) // with 1 a compact file is used as it is
	s, err := openBounded(cfg)
	if errors.Is(err, storage.ErrForeign) && d.stock {
		return d.untouched() // the bucket's name was hit, so the file is refused
	}
	if err != nil {
		return fmt.Errorf("Open = %w", err)
	}
	found := look(s, clock)
	missing, err := d.compare(s, found)
	if err == nil {
		err = d.aside(missing)
	}
	if err == nil {
		err = endAndCreate(s, slices.Collect(maps.Keys(found.live)))
	}
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	clock.Advance(11 * time.Minute) // the ends are forgotten
	return onlyNew(cfg)
}

// endAndCreate ends sessions and creates one whose id is new.
func endAndCreate(s *storage.Storage, keys []record.Key) error {
	errs := make([]error, len(keys))
	together(len(keys), func(i int) { _, errs[i] = s.End(context.Background(), keys[i], record.Deleted) })
	err := s.Create(context.Background(), record.KeyOf("new"), []byte("x"), record.Lifetime{Idle: time.Hour})
	return errors.Join(append(errs, err)...)
}

// onlyNew opens the file again. Only the session that endAndCreate has created is live.
func onlyNew(cfg storage.Config) error {
	s, err := openBounded(cfg)
	if err != nil {
		return fmt.Errorf("another Open = %w", err)
	}
	if n := s.Stats().Sessions; n != 1 || s.Peek(record.KeyOf("new")).State != record.Live {
		err = fmt.Errorf("%d sessions are live after another start; want the new one", n)
	}
	return errors.Join(err, s.Close())
}

// openBounded is Open; it reports a panic, or more than 5 s, as an error.
func openBounded(cfg storage.Config) (s *storage.Storage, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		s, err = storage.Open(cfg)
	}()
	select {
	case <-done:
		return s, err
	case <-time.After(5 * time.Second):
		return nil, fmt.Errorf("Open has not returned after 5 s")
	}
}

// compare returns how many sessions of the file are missing, and an error for what
// must not be there.
func (d *damaged) compare(s *storage.Storage, found snapshot) (missing string, err error) {
	if d.stock {
		return "", nil
	}
	for k, got := range found.live {
		want, ok := d.live[k]
		switch {
		case !ok:
			return "", fmt.Errorf("%s is live; it had ended or never was", k.Fingerprint())
		case got.digest != want.digest:
			return "", fmt.Errorf("%s has another value", k.Fingerprint())
		case got.dueMin > want.dueMin:
			return "", fmt.Errorf("%s ends %v too late", k.Fingerprint(), got.dueMin-want.dueMin)
		case got.dueMin < want.dueMin:
			missing = fmt.Sprintf("%v of the time of %s", want.dueMin-got.dueMin, k.Fingerprint())
		}
	}
	if lost := len(d.live) - len(found.live); lost > 0 {
		missing = fmt.Sprintf("%d of %d sessions", lost, len(d.live))
	}
	for _, id := range d.ended {
		switch s.Peek(record.KeyOf(id)).State {
		case record.Live:
			return "", fmt.Errorf("%s has ended and is live", id)
		case record.None:
			missing = "the end of " + id
		}
	}
	return missing, nil
}

// aside checks the copy that was kept of the damaged file.
func (d *damaged) aside(missing string) error {
	names, _ := filepath.Glob(d.path + ".damaged-*")
	switch {
	case len(names) > 1:
		return fmt.Errorf("%d copies of the damaged file", len(names))
	case len(names) == 0 && missing != "":
		return fmt.Errorf("%s are missing, but the file was not kept and reported", missing)
	case len(names) == 0:
		return nil
	}
	b, err := os.ReadFile(names[0])
	if err == nil && !bytes.Equal(b, d.file) {
		err = fmt.Errorf("%s is not the damaged file", names[0])
	}
	return err
}

// untouched checks that a file which was refused is as it was.
func (d *damaged) untouched() error {
	names, _ := filepath.Glob(d.path + "*")
	b, err := os.ReadFile(d.path)
	if err == nil && (!bytes.Equal(b, d.file) || len(names) > 2) {
		err = fmt.Errorf("refused, but changed: %v", names)
	}
	return err
}

func (d *damaged) remove() {
	names, _ := filepath.Glob(d.path + "*")
	for _, name := range names {
		_ = os.Remove(name)
	}
}
