//go:build linux

// Package promises attacks the server on purpose, and judges by a ledger on the
// client's side whether it keeps its promises, docs/PROMISES.md.
package promises

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"pagesession/bench/report"
)

// ErrBroken is the end of a run in which a promise was broken, or could not be
// attacked where it has to be.
var ErrBroken = errors.New("a promise was broken or not attacked, see above")

// A bench is one run of the command.
type bench struct {
	options
	dir     string // everything that is written; removed at the end
	product string // binary
	keeper  string // another, see package keeper
	out     io.Writer
	mu      sync.Mutex // protects out
	result  Result
}

// Command attacks, and reports to out. Errors: ErrUsage, ErrBroken, and what kept the
// bench from its work.
func Command(ctx context.Context, args []string, out io.Writer) error {
	opt, err := parse(args)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "pagesession-promises-")
	if err != nil {
		return fmt.Errorf("make a folder to work in: %w", err)
	}
	defer os.RemoveAll(dir)
	b := &bench{options: opt, dir: dir, out: out}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	if opt.planted {
		err = b.plantedRun(ctx)
	} else {
		err = b.attack(ctx)
	}
	if err != nil {
		return err
	}
	return b.conclude()
}

// prepare builds the product and describes the machine.
func (b *bench) prepare(ctx context.Context) error {
	machine, err := report.Describe(ctx, b.dir)
	if err != nil {
		return err
	}
	b.result = Result{Time: time.Now().UTC(), Machine: machine, Seed: b.seed, Planted: b.planted}
	bin := filepath.Join(b.dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		return fmt.Errorf("make a folder for the product: %w", err)
	}
	b.product, b.keeper = filepath.Join(bin, "pagesession"), filepath.Join(bin, "keeper")
	args := []string{"build", "-o", bin}
	if b.planted {
		args = append(args, "-tags", "planted")
	}
	if b.race {
		args = append(args, "-race")
	}
	fmt.Fprintln(os.Stderr, "building the product")
	if out, err := exec.CommandContext(ctx, "go", append(args, "pagesession", "pagesession/bench/promises/keeper")...).CombinedOutput(); err != nil {
		return fmt.Errorf("build the product (run this inside the repository): %w\n%s", err, out)
	}
	return nil
}

// lanes is how many attacks run at the same time. Most of an attack is waiting, for a
// disk that fails, a start, an expiry; with more lanes than this, bounds such as "heals
// within 10 s" would judge the machine.
const lanes = 2

// attack runs every attack that was asked for.
func (b *bench) attack(ctx context.Context) error {
	chosen := b.chosen()
	b.result.Attacks = make([]Outcome, len(chosen))
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(lanes)
	for i, t := range chosen {
		all.Go(func() error {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("stopped: %w", context.Cause(ctx))
			}
			o, err := b.run(ctx, t, b.cyclesOf(t))
			if err != nil {
				return err
			}
			b.result.Attacks[i] = o
			b.print(o)
			return nil
		})
	}
	return all.Wait()
}

// print reports one attack as soon as it is done.
func (b *bench) print(o Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.print(b.out)
}

// run runs one attack.
func (b *bench) run(ctx context.Context, t Attack, cycles int, env ...string) (Outcome, error) {
	o := Outcome{Name: t.Name, About: t.About, Promises: t.Promises, Cycles: cycles, Impossible: t.impossible()}
	if o.Impossible != "" {
		o.Cycles = 0
		return o, nil
	}
	a, err := b.arena(ctx, t, cycles, env...)
	if err != nil {
		return o, err
	}
	began := time.Now()
	err = t.Run(a)
	a.clear()
	b.endLine()
	o.Seconds = time.Since(began).Seconds()
	o.Cycles, o.Requests, o.Excused, o.Faults = a.ledger.cycle, a.ledger.calls, a.ledger.excused, a.ledger.faults
	if errors.Is(err, errBroken) && len(o.Faults) > 0 {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("attack %s, cycle %d: %w", t.Name, a.ledger.cycle, err)
	}
	return o, err
}
