package storage_test

import (
	"fmt"
	"io"
	"log/slog"
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

// Every state in which a power cut can leave the session file opens and keeps every
// promise that was given up to that moment. The writes are those of a real run,
// recorded by strace. The states are every moment of it, with any subset of the
// writes after the last barrier, whole or torn.
func TestReplay_EveryCrashStateOpens(t *testing.T) {
	seed := newSeed(t) * 2
	t.Run("fresh file", func(t *testing.T) { replay(t, seed, 1) })
	t.Run("file as it was", func(t *testing.T) { replay(t, seed+1, 0) }) // see victim.run
}

// replay is about a run in which so many files got the session file's name.
func replay(t *testing.T, seed uint64, renames int) {
	r := recordWrites(t, seed)
	if got := r.count(stepRename); got != renames {
		t.Fatalf("%d files got the session file's name; want %d", got, renames)
	}
	if !r.syncsFirst() {
		t.Error("sessions were found before the file was synced")
	}
	t.Logf("recorded %d steps, %d of them writes, %d calls", len(r.steps), r.count(stepWrite), r.count(stepSay)/2)
	states := sized(400, 20_000)
	if raceDetector {
		states = sized(250, 2500)
	}
	var wg sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		wg.Go(func() { r.worker(w, states, rand.New(rand.NewPCG(seed, uint64(w)))) })
	}
	wg.Wait()
}

// A recording is a run, with what was promised before it.
type recording struct {
	t     *testing.T
	dir   string
	old   []byte // the session file before the run
	clock *testkit.Clock
	base  []event // creations of the sessions in it
	steps []step
}

// syncsFirst reports whether the file was synced before the child said what it had found: what
// it opened may have been in the system's cache only.
func (r *recording) syncsFirst() bool {
	said := 0
	for _, s := range r.steps {
		switch s.kind {
		case stepBarrier:
			return said == 1 // "opening"
		case stepSay:
			said++
		}
	}
	return false
}

func (r *recording) count(kind stepKind) int {
	n := 0
	for _, s := range r.steps {
		if s.kind == kind {
			n++
		}
	}
	return n
}

// recordWrites runs a child under strace on a file of 300 sessions.
func recordWrites(t *testing.T, seed uint64) *recording {
	needStrace(t)
	r := &recording{t: t, dir: memoryDir(t)}
	path := filepath.Join(r.dir, "sessions.db")
	r.prepare(path)
	trace := filepath.Join(r.dir, "trace")
	p := startChild(t, path, seed, 8, straceArgs(trace)...)
	if _, ok := p.found(); !ok {
		_ = p.cmd.Wait()
		t.Fatalf("the child under strace died: %s", p.stderr.String())
	}
	for i := range 300 {
		p.send("live %s %d", baseID(i), int64(time.Hour))
	}
	p.send("go")
	for range sized(2500, 10_000) {
		p.next()
	}
	p.send("stop")
	for _, words := p.next(); words != nil; _, words = p.next() {
	}
	_ = p.cmd.Wait()
	var err error
	if r.steps, err = readTrace(trace, path); err != nil {
		t.Fatal(err)
	}
	return r
}

func baseID(i int) string { return fmt.Sprintf("base-%d", i) }

// prepare makes the session file that the child finds.
func (r *recording) prepare(path string) {
	clock := storage.SystemClock()
	s := open(r.t, childConfig(path, clock))
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range 300 {
		wg.Go(func() {
			asked, v := clock.Boot(), []byte(fmt.Sprintf("value %d", i))
			mustCreateValue(r.t, s, baseID(i), v, time.Hour)
			mu.Lock()
			defer mu.Unlock()
			r.base = append(r.base,
				event{at: asked, verb: "create", n: -1 - i, id: baseID(i), digest: digest(v), idle: time.Hour},
				event{at: clock.Boot(), verb: "yes", n: -1 - i})
		})
	}
	wg.Wait()
	if err := s.Close(); err != nil {
		r.t.Fatal(err)
	}
	var err error
	if r.old, err = os.ReadFile(path); err != nil {
		r.t.Fatal(err)
	}
	r.clock = testkit.CopyOf(clock)
}

// worker goes through the run once and stops at evenly spread moments. Until the
// child was ready it stops five times at each write, because in that part one file
// replaces another. The workers share the moments.
func (r *recording) worker(w, states int, rng *rand.Rand) {
	path := filepath.Join(r.dir, fmt.Sprintf("state-%d.db", w))
	d := &disk{old: r.old}
	if r.count(stepRename) == 0 {
		d.fresh, d.renamed = slices.Clone(r.old), true // the folder may not be synced
	}
	done, opening := 0, true
	for i, s := range r.steps {
		d.do(s)
		opening = opening && s.call == nil
		n := (i+1)*states/len(r.steps) - i*states/len(r.steps)
		if opening && s.kind != stepSay {
			n = 5
		}
		for range n {
			if done++; done%runtime.GOMAXPROCS(0) == w && !r.t.Failed() {
				r.state(path, d.cut(rng, done%4 == 0), i)
			}
		}
	}
}

// state opens what a power cut after step i left, at that instant of the run, and
// judges it. Only the lock file may be beside it.
func (r *recording) state(path string, file []byte, i int) {
	if err := os.WriteFile(path, file, 0o600); err != nil {
		r.t.Error(err)
		return
	}
	clock := testkit.CopyOf(r.clock)
	after := r.timeAfter(i) - clock.Boot()
	clock.Advance(after)
	clock.Step(-after)
	cfg := storage.Config{RefuseEnded: true, Database: path, FlushInterval: time.Second, SweepInterval: time.Hour,
		Clock: clock, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	s, err := storage.Open(cfg)
	if err != nil {
		r.t.Errorf("step %d: Open = %v", i, err)
		return
	}
	l := newLedger()
	l.restarts = 1 // between the file of prepare and that of the child
	for _, e := range r.base {
		l.apply(e)
	}
	for _, s := range r.steps[:i+1] {
		if s.call != nil {
			l.apply(*s.call)
		}
	}
	ended := l.endedNow()
	l.settle(clock.Boot(), look(s, clock))
	for _, f := range l.faults {
		r.t.Errorf("step %d: %s", i, f)
	}
	r.endsToTheMillisecond(s, clock, i)
	for _, id := range ended[:min(2, len(ended))] {
		if err := s.Set(id, []byte("revived"), time.Hour); err == nil {
			r.t.Errorf("step %d: Set of %s, which has ended, was accepted", i, id)
		}
	}
	if err := s.Close(); err != nil {
		r.t.Errorf("step %d: Close = %v", i, err)
	}
	if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) > 0 {
		r.t.Errorf("step %d: the storage took a power cut for damage", i)
	}
}

// timeAfter returns an instant just after a step. It is that of a line of the ledger
// a little later, because a line's clock is read before the line is written.
func (r *recording) timeAfter(i int) time.Duration {
	last, later := r.clock.Boot(), 0
	for n, s := range r.steps {
		if s.kind == stepSay {
			last = max(last, s.time)
			if n > i {
				later++
			}
		}
		if later == 4 {
			return last + ms
		}
	}
	return last + 100*ms
}

// endsToTheMillisecond checks the session that ends next: live one millisecond
// before its deadline, ended at it.
func (r *recording) endsToTheMillisecond(s *storage.Storage, clock *testkit.Clock, i int) {
	var next record.Key
	left := time.Duration(0)
	for k, x := range s.All() {
		if left == 0 || x.Remaining < left {
			next, left = k, x.Remaining
		}
	}
	if left == 0 {
		return
	}
	clock.Advance(left - ms)
	if got := s.Peek(next); got.State != record.Live || got.Remaining != ms {
		r.t.Errorf("step %d: Peek 1ms before the deadline = status %v, %v left; want live, 1ms", i, got.State, got.Remaining)
	}
	clock.Advance(ms)
	if got := s.Peek(next); got.State != record.Ended {
		r.t.Errorf("step %d: Peek at the deadline = status %v; want Ended", i, got.State)
	}
}
