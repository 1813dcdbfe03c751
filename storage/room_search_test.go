package storage

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// After a search that found too little comes a pause of nine times what it took, 250 ms at
// least.
func TestRoomSearch_Pause(t *testing.T) {
	const ms = time.Millisecond
	began := time.Now()
	for _, test := range []struct{ took, pause time.Duration }{
		{0, 250 * ms}, {20 * ms, 250 * ms}, {30 * ms, 270 * ms}, {100 * ms, 900 * ms}, {time.Second, 9 * time.Second},
	} {
		var s roomSearch
		ended := began.Add(test.took)
		s.note(began, ended, false)
		if got := s.next.Sub(ended); got != test.pause {
			t.Errorf("pause after a search of %v = %v; want %v", test.took, got, test.pause)
		}
	}
}

// Creations that come all the time have searches take a tenth of it, also where each search
// finds room for one, and no less where there is little else to do.
func TestRoomSearch_TakesATenth(t *testing.T) {
	const long = 1000 * time.Second
	for _, test := range []struct {
		took     time.Duration
		findings int // of so many searches one finds too little; 0: none
		least    time.Duration
	}{
		{5 * time.Millisecond, 1, 19 * time.Second}, // four each second
		{100 * time.Millisecond, 1, 99 * time.Second},
		{2 * time.Second, 1, 98 * time.Second},
		{10 * time.Millisecond, 20, 95 * time.Second},
		{10 * time.Millisecond, 0, 99 * time.Second},
		{100 * time.Millisecond, 0, 99 * time.Second},
	} {
		var s roomSearch
		start := time.Now()
		now, spent := start, time.Duration(0)
		for n := 1; now.Sub(start) < long; now = now.Add(time.Millisecond) {
			if now.Before(s.next) {
				continue
			}
			began := now
			now = now.Add(test.took)
			s.note(began, now, test.findings == 0 || n%test.findings != 0)
			n, spent = n+1, spent+test.took
		}
		if most := long/10 + test.took + searchPause/searchShare; spent < test.least || spent > most {
			t.Errorf("searches of %v, one of %d without room: %v of %v; want %v to %v", test.took, test.findings, spent, long, test.least, most)
		}
	}
}

// One batch may need many short searches: those that find room follow each other at once.
func TestRoomSearch_GoesOnWhileItFinds(t *testing.T) {
	var s roomSearch
	now := time.Now()
	for n := range 1000 {
		if now.Before(s.next) {
			t.Fatalf("after %d searches of 20 µs that found room the next one has to wait", n)
		}
		s.note(now, now.Add(20*time.Microsecond), true)
		now = now.Add(20 * time.Microsecond)
	}
}

// makeRoom reads each shard once, and measures what that takes.
func TestMakeRoom_Pauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const perShard = 2 * time.Millisecond
		w := &writer{sweeper: &sweeper{index: index.New(1, clock.NewTimeline(testkit.NewClock(), nil)), trash: &garbage{}, journal: newJournal()}}
		shards := 0
		full := func() bool {
			time.Sleep(perShard)
			shards++
			return true
		}
		if w.makeRoom(full) || shards != index.Shards {
			t.Fatalf("makeRoom found room, or read %d shards; want %d and none", shards, index.Shards)
		}
		pause := 9 * index.Shards * perShard
		time.Sleep(pause - time.Nanosecond)
		if w.makeRoom(full); shards != index.Shards {
			t.Errorf("makeRoom searches again before %v are over", pause)
		}
		time.Sleep(time.Nanosecond)
		if w.makeRoom(full); shards != 2*index.Shards {
			t.Errorf("makeRoom does not search when %v are over", pause)
		}
	})
}

// Where searches pause for long, the sweeper makes room within one of its rounds.
func TestFull_HasRoomWhileSearchesPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg := quiet(filepath.Join(t.TempDir(), "sessions.db"), clock)
		cfg.SweepInterval, cfg.MaxSessions = 5*time.Second, 1
		s, life := openWith(t, cfg), record.Lifetime{Idle: 20 * time.Second}
		create := func(id string) error {
			return s.Create(context.Background(), record.KeyOf(id), []byte("x"), life)
		}
		if err := create("a"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the writer is idle
		now := time.Now()
		s.writer.search.note(now.Add(-time.Hour), now, false)
		clock.Advance(life.Idle)
		if err := create("b"); !errors.Is(err, ErrFull) {
			t.Fatalf("Create while searches pause = %v; want %v", err, ErrFull)
		}
		time.Sleep(cfg.SweepInterval)
		if err := create("b"); err != nil {
			t.Errorf("Create after a round of the sweeper = %v; want nil", err)
		}
	})
}
