package storage_test

import (
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// For long runs use go test ./storage -run Crash -long, or PAGESESSION_LONG=1.
var (
	longRun = flag.Bool("long", os.Getenv("PAGESESSION_LONG") != "", "run the crash tests at the size of the long run")
	useSeed = flag.Uint64("seed", 0, "seed of the crash tests; 0: a new one")
)

// sized returns the size of a test in a normal run or in a long one.
func sized(every, long int) int {
	if *longRun {
		return long
	}
	return every
}

// newSeed returns a seed and prints it, so that the run can be repeated.
func newSeed(t testing.TB) uint64 {
	seed := *useSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano()) % 1_000_000_000
	}
	t.Logf("repeat with -seed %d", seed)
	return seed
}

// A storage that is killed at random moments, again and again, has everything that
// it confirmed, and nothing that it refused or that has ended.
func TestCrash_KillNine(t *testing.T) {
	l := newLedger()
	c := &crashes{t: t, l: l, path: memoryDir(t) + "/sessions.db", seed: newSeed(t)}
	c.rng = rand.New(rand.NewPCG(c.seed, 0))
	for i := range sized(30, 1000) {
		c.cycle(i, c.pause)
	}
	c.finish()
}

// crashes is a series of child processes on one file.
type crashes struct {
	t    *testing.T
	l    *ledger
	rng  *rand.Rand
	path string
	seed uint64

	crashed time.Duration // when the last one died
	ended   []string      // sessions that the child before ended
	calls   int
}

// cycle runs a child until crash has killed it, and judges what the next child
// finds. One in five is killed while the storage opens, before it has reported what
// it found.
func (c *crashes) cycle(i int, crash func(p *process, n int) time.Duration) {
	p := startChild(c.t, c.path, c.seed*1_000_000+uint64(i), 32)
	if i%5 == 4 {
		p.next() // it is about to open
		time.Sleep(time.Duration(c.rng.IntN(30_000)) * time.Microsecond)
		crash(p, -1)
		return
	}
	found, ok := p.found()
	if !ok {
		c.t.Fatalf("cycle %d: the child died by itself: %s", i, p.stderr.String())
	}
	c.settle(found)
	c.brief(p)
	c.crashed = crash(p, i)
	p.drain(c.l)
	c.calls += len(c.l.ops)
	c.ended = c.l.endedNow()
}

// pause lets the child work for a while and kills it. Some children work for longer
// than the refresh window.
func (c *crashes) pause(p *process, n int) time.Duration {
	switch {
	case n < 0:
	case n%20 == 7:
		time.Sleep(window + time.Duration(c.rng.IntN(300))*ms)
	default:
		time.Sleep(time.Duration(c.rng.IntN(100_000)) * time.Microsecond)
	}
	c.l.lastAct = storage.SystemClock().Boot()
	return p.kill()
}

// brief gives the child some live sessions to work with, and some ended ones, which
// it must be unable to bring back.
func (c *crashes) brief(p *process) {
	keys := slices.Collect(maps.Keys(c.l.accounts))
	for i := range min(300, len(keys)) {
		a := c.l.accounts[keys[i]]
		p.send("live %s %d", a.id, int64(a.idle))
	}
	for i := range min(100, len(c.ended)) {
		p.send("ended %s", c.ended[i])
	}
	p.send("go")
}

func (c *crashes) settle(found snapshot) {
	c.l.settle(c.crashed, found)
	for i, f := range c.l.faults {
		if i == 10 {
			c.t.Fatalf("and %d more", len(c.l.faults)-10)
		}
		c.t.Error(f)
	}
	if c.t.Failed() {
		c.t.FailNow()
	}
}

// finish judges the last crash, then checks that a clean stop loses nothing.
func (c *crashes) finish() {
	cfg := childConfig(c.path, storage.SystemClock())
	s := open(c.t, cfg)
	c.settle(look(s, cfg.Clock))
	c.t.Logf("%d calls, %d crashes, %d sessions live", c.calls, c.l.restarts, len(c.l.accounts))
	s = reopen(c.t, s, cfg)
	c.settle(look(s, cfg.Clock))
}

// look returns the live sessions of a storage in this process.
func look(s *storage.Storage, clock storage.Clock) snapshot {
	found := snapshot{from: clock.Boot(), live: map[record.Key]sighting{}}
	for k, r := range s.All() {
		due := clock.Boot() + r.Remaining // Remaining is in whole milliseconds
		found.live[k] = sighting{digest: digest([]byte(r.Value)), dueMin: found.from + r.Remaining - ms, dueMax: due}
	}
	found.to = clock.Boot()
	return found
}

// endedNow returns the ids whose end or rotation was confirmed in this run.
func (l *ledger) endedNow() []string {
	var ids []string
	for _, o := range l.ops {
		if (o.verb == "end" || o.verb == "rotate") && o.answer == "yes" {
			ids = append(ids, o.from.id)
		}
	}
	return ids
}
