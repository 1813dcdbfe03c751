package storage_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// crashChild is the process that the crash tests kill, cut off or trace. It opens
// the storage, reports what it found, reads its orders, and then uses sessions from
// many goroutines. Every call is in the ledger (file descriptor 3) before it is
// made, and its answer after it was given.
func crashChild(path string) {
	seed, _ := strconv.ParseUint(os.Getenv(childEnv+"_SEED"), 10, 64)
	workers, _ := strconv.Atoi(os.Getenv(childEnv + "_WORKERS"))
	c := &victim{clock: storage.SystemClock(), out: os.NewFile(3, "ledger"), seed: seed}
	c.run(path, workers)
}

const childEnv = "PAGESESSION_CRASH_CHILD"

// childConfig flushes and sweeps often, so that a short run covers much.
func childConfig(path string, clock storage.Clock) storage.Config {
	return storage.Config{
		Database: path, RefuseEnded: true, Clock: clock, FlushInterval: 20 * ms, SweepInterval: 256 * ms,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
}

type victim struct {
	clock storage.Clock
	s     *storage.Storage
	seed  uint64
	n     atomic.Int64 // numbers the calls and, with the seed, the ids

	mu   sync.Mutex // protects everything below
	out  *os.File
	pool []client
}

// A client is a session that its user takes for live.
type client struct {
	id   string
	idle time.Duration
}

// say writes one line with one write, so that a kill cuts the ledger between lines.
func (c *victim) say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := fmt.Fprintf(c.out, "%d "+format+"\n", append([]any{int64(c.clock.Boot())}, args...)...); err != nil {
		os.Exit(3) // the parent is gone
	}
}

func (c *victim) run(path string, workers int) {
	c.say("opening")
	trap := trapFromEnv()
	cfg := childConfig(path, c.clock)
	if c.seed%2 == 1 {
		cfg = storage.WithMany(cfg, 1) // it uses the file as it is
	}
	s, err := storage.Open(trap.under(cfg))
	if err != nil {
		c.say("fault Open: %v", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
	c.s = s
	found := look(s, c.clock)
	for k, x := range found.live {
		c.say("have %x %d %d %s", k, x.dueMin, x.dueMax, x.digest)
	}
	c.say("ready %d %d", found.from, found.to)
	in := bufio.NewScanner(os.Stdin)
	c.orders(in)
	trap.set.Store(true)
	for w := range workers {
		go c.keepCalling(rand.New(rand.NewPCG(c.seed, uint64(w))))
	}
	if !in.Scan() { // the parent is gone
		os.Exit(0)
	}
	if err := s.Close(); err != nil { // "stop"
		c.say("fault Close: %v", err)
	}
	os.Exit(0)
}

// orders reads which sessions are live, until the line "go". It checks that those
// which have ended cannot come back.
func (c *victim) orders(in *bufio.Scanner) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for in.Scan() && in.Text() != "go" {
		var verb, id string
		var idle time.Duration
		_, _ = fmt.Sscan(in.Text(), &verb, &id, (*int64)(&idle))
		if verb == "live" {
			c.pool = append(c.pool, client{id, idle})
			continue
		}
		wg.Go(func() {
			k := record.KeyOf(id)
			if r := c.s.Peek(k); r.State != record.Ended {
				c.say("fault %s has ended; its status after the restart is %d", id, r.State)
			}
			if c.s.Set(id, []byte("revived"), time.Hour) == nil {
				c.say("fault Set of %s, which has ended, was accepted", id)
			}
		})
	}
}

func (c *victim) keepCalling(rng *rand.Rand) {
	for {
		switch n := rng.IntN(100); {
		case n < 28:
			c.create(rng)
		case n < 50:
			c.refresh(c.pick(rng, false))
		case n < 70:
			c.replace(rng, c.pick(rng, false))
		case n < 90:
			c.end(c.pick(rng, true))
		case n < 98:
			c.rotate(rng, c.pick(rng, rng.IntN(2) == 0))
		default:
			n := c.ask("sync")
			c.answer(n, c.s.Sync(context.Background()) == nil, nil)
		}
	}
}

func (c *victim) create(rng *rand.Rand) {
	var life record.Lifetime
	switch n := rng.IntN(100); {
	case n < 70:
		life.Idle = time.Hour
	case n < 85:
		life.Idle, life.Absolute = time.Hour, time.Duration(300+rng.IntN(1700))*ms
	default:
		life.Idle = time.Duration(30+rng.IntN(400)) * ms
	}
	id, v := c.fresh(), c.value(rng)
	n := c.ask("create %s %s %d %d", id, digest(v), life.Idle, life.Absolute)
	if c.answer(n, true, c.s.Create(context.Background(), record.KeyOf(id), v, life)) {
		c.add(client{id, life.Idle})
	}
}

func (c *victim) refresh(x client) {
	n := c.ask("refresh %s", x.id)
	c.answer(n, c.s.Refresh(record.KeyOf(x.id)).State == record.Live, nil)
}

func (c *victim) replace(rng *rand.Rand, x client) {
	v := c.value(rng)
	n := c.ask("replace %s %s", x.id, digest(v))
	c.answer(n, true, c.s.Replace(context.Background(), record.KeyOf(x.id), v, x.idle))
}

func (c *victim) end(x client) {
	n := c.ask("end %s", x.id)
	ended, err := c.s.End(context.Background(), record.KeyOf(x.id), record.Deleted)
	c.answer(n, ended, err)
}

func (c *victim) rotate(rng *rand.Rand, x client) {
	to, v := c.fresh(), c.value(rng)
	n := c.ask("rotate %s %s %s", x.id, to, digest(v))
	if c.answer(n, true, c.s.Rotate(context.Background(), record.KeyOf(x.id), record.KeyOf(to), v, x.idle)) {
		c.add(client{to, x.idle})
	}
}

func (c *victim) ask(format string, args ...any) int64 {
	n := c.n.Add(1)
	c.say("ask %d "+format, append([]any{n}, args...)...)
	return n
}

// answer writes the answer of a call to the ledger, and reports whether the call
// succeeded.
func (c *victim) answer(n int64, yes bool, err error) bool {
	word := "yes"
	switch {
	case errors.Is(err, storage.ErrEnded):
		word = "no"
	case errors.Is(err, storage.ErrNotDurable):
		word = "later"
	case err != nil:
		word = "err"
		time.Sleep(ms) // all who are refused would ask again at once
	case !yes:
		word = "no"
	}
	c.say("%s %d", word, n)
	if errors.Is(err, storage.ErrClosed) {
		select {} // the process ends; refreshes from now on are in memory only
	}
	return word == "yes"
}

func (c *victim) fresh() string { return fmt.Sprintf("id-%d-%d", c.seed, c.n.Add(1)) }

// value returns a value that is unlike any other. Most are short; some are longer
// than a page.
func (c *victim) value(rng *rand.Rand) []byte {
	size := 20 + rng.IntN(200)
	if rng.IntN(50) == 0 {
		size = 3000 + rng.IntN(6000)
	}
	v := make([]byte, size)
	copy(v, fmt.Sprintf("%d-%d", c.seed, c.n.Add(1)))
	return v
}

func digest(v []byte) string {
	sum := sha256.Sum256(v)
	return fmt.Sprintf("%x", sum[:8])
}

func (c *victim) add(x client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pool = append(c.pool, x)
}

// pick chooses a session; with take, no other goroutine chooses it afterwards. If
// there is none it returns an id that was never created.
func (c *victim) pick(rng *rand.Rand, take bool) client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pool) == 0 {
		return client{id: "nobody", idle: time.Hour}
	}
	i := rng.IntN(len(c.pool))
	x := c.pool[i]
	if take {
		c.pool[i] = c.pool[len(c.pool)-1]
		c.pool = c.pool[:len(c.pool)-1]
	}
	return x
}
