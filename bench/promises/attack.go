//go:build linux

package promises

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// An Attack is one way to make the server break a promise.
type Attack struct {
	Name     string
	About    string
	Promises []string // that it attacks; the ledger judges all the others as well
	CI, Long int      // cycles in every CI run, and in the long run by hand
	Needs    []need
	Run      func(*arena) error // may end with errBroken; other errors are the bench's own
}

// A need is something that not every machine has.
type need struct {
	name  string
	check func() error // why it is not there
}

// impossible returns why an attack cannot run here, "" if it can.
func (t Attack) impossible() string {
	for _, n := range t.Needs {
		if err := n.check(); err != nil {
			return fmt.Sprintf("needs %s: %v", n.name, err)
		}
	}
	return ""
}

// An arena is where one attack runs: a folder, a ledger, and the product.
type arena struct {
	ctx     context.Context
	dir     string // of this attack; on a disk
	data    string // the data folder of servers
	product string // binary
	keeper  string // binary of the program that takes backups
	env     []string
	rng     *rand.Rand
	ledger  *ledger
	cycles  int
	until   time.Time // no cycle begins after it; zero: no limit
	names   *names
	servers []*server // that were started

	unlisted bool // commands do not reach the server
	say      func(done int)
}

// arena makes one for a run of an attack.
func (b *bench) arena(ctx context.Context, t Attack, cycles int, env ...string) (*arena, error) {
	dir, err := os.MkdirTemp(b.dir, t.Name+"-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for attack %s: %w", t.Name, err)
	}
	a := &arena{
		ctx: ctx, dir: dir, data: filepath.Join(dir, "data"), product: b.product, keeper: b.keeper, env: env,
		rng: rand.New(rand.NewPCG(b.seed, uint64(len(t.Name)))), ledger: newLedger(), cycles: cycles, names: new(names),
	}
	if b.within > 0 {
		a.until = time.Now().Add(b.within)
	}
	a.say = func(done int) { b.progress(t, a, done) }
	return a, nil
}

// each runs a cycle as often as asked for, until a promise is broken.
func (a *arena) each(cycle func(i int) error) error {
	for i := range a.cycles {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		a.ledger.cycle = i + 1
		if err := cycle(i); err != nil {
			return err
		}
		a.say(i + 1)
		if a.ledger.broken() {
			return errBroken
		}
		if a.late() {
			return nil
		}
	}
	return nil
}

// late reports whether the attack has used up its time.
func (a *arena) late() bool { return !a.until.IsZero() && time.Now().After(a.until) }

// clear ends every server that is left.
func (a *arena) clear() {
	for _, s := range a.servers {
		if s.alive() {
			s.kill()
		}
		a.panicked(s)
	}
	_ = os.RemoveAll(a.dir) // the bench's folder goes at the end in any case
}

// between is a random time between two.
func (a *arena) between(least, most time.Duration) time.Duration {
	return least + time.Duration(a.rng.Int64N(int64(most-least)))
}

// pause waits, but not beyond the end of the bench.
func (a *arena) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-a.ctx.Done():
	}
}
