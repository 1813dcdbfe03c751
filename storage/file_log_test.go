package storage_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// logged gives a configuration a log that a test reads.
func logged(cfg *storage.Config) *testkit.Log {
	log := new(testkit.Log)
	cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	return log
}

var stateLine = regexp.MustCompile(`level=(\w+) msg=.* state=(\w+) file=\S+ (error|lasted)=`)

// statesIn returns the level, the state and the last attribute of each line about one.
func statesIn(log *testkit.Log) (lines []string) {
	for _, m := range stateLine.FindAllStringSubmatch(log.String(), -1) {
		lines = append(lines, fmt.Sprint(m[1:]))
	}
	return lines
}

// wantStates checks the lines about states. Each begins with an error and ends with
// its length.
func wantStates(t *testing.T, log *testkit.Log, want ...string) {
	t.Helper()
	if got := statesIn(log); !slices.Equal(got, want) {
		t.Errorf("the log has %q; want %q\n%s", got, want, log)
	}
}

// A failed file has one line when it fails and one when there is a new one, however
// often that is tried.
func TestFileLog_Detached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, f := faultyConfig(t, testkit.NewClock())
		log := logged(&cfg)
		s := open(t, cfg)
		detach(t, s, f, times(4, firstSync))
		wantStates(t, log, "[ERROR detached error]")
		waitForFile(t, s)
		synctest.Wait()
		wantStates(t, log, "[ERROR detached error]", "[WARN detached lasted]")
	})
}

// A full file has one line when it begins, none while it is full again and again, and
// one when there has been room for a while.
func TestFileLog_Full(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg, f := faultyConfig(t, clock)
		log := logged(&cfg)
		s := open(t, cfg)
		f.err = syscall.ENOSPC
		for i := range 3 {
			f.arm(times(1000, firstSync))
			if err := s.Create(context.Background(), record.KeyOf(fmt.Sprint("refused", i)), []byte("x"), idle20); !errors.Is(err, storage.ErrFull) {
				t.Fatalf("Create on a full disk = %v; want ErrFull", err)
			}
			f.disarm()
			waitForFile(t, s)
			wantStates(t, log, "[ERROR full error]")
		}
		time.Sleep(6 * time.Second)
		wantStates(t, log, "[ERROR full error]", "[WARN full lasted]")
	})
}

// A commit that hangs has its line while it hangs, and one when the next ones have
// been in time for a while.
func TestFileLog_Slow(t *testing.T) {
	disk := &hungDisk{Clock: testkit.NewClock(), hung: make(chan struct{}, 1000)}
	cfg := testConfig(t, disk)
	cfg.QueueTimeout = 20 * ms
	log := logged(&cfg)
	s := open(t, cfg)
	release := disk.hang()
	_ = s.Create(context.Background(), record.KeyOf("a"), []byte("x"), idle20)
	eventually(t, "a line", func() bool { return len(statesIn(log)) > 0 })
	wantStates(t, log, "[ERROR slow error]")
	release()
	eventually(t, "a second line", func() bool { return len(statesIn(log)) > 1 })
	if got := statesIn(log)[:2]; !slices.Equal(got, []string{"[ERROR slow error]", "[WARN slow lasted]"}) {
		t.Errorf("the log has %q; want the beginning and the end\n%s", got, log)
	}
}
