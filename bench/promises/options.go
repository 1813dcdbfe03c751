//go:build linux

package promises

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"pagesession/bench/scenario"
)

// options are what can be asked for on the command line.
type options struct {
	only    []string
	cycles  int
	within  time.Duration // 0: no limit
	long    bool
	seed    uint64
	planted bool
	race    bool
	results string
	strict  bool // what cannot be attacked is a failure
}

// parse reads the command line; its errors wrap scenario.ErrUsage.
func parse(args []string) (options, error) {
	o := options{seed: uint64(time.Now().UnixNano()) % 1_000_000_000, strict: os.Getenv("CI") == "true"}
	flags := flag.NewFlagSet("go run ./bench promises", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Func("only", "run these attacks only, by comma: "+strings.Join(attackNames(), ","), func(text string) error {
		o.only = strings.Split(text, ",")
		return nil
	})
	flags.IntVar(&o.cycles, "cycles", 0, "cycles of each attack; 0: its own number")
	flags.DurationVar(&o.within, "within", 0, "end an attack after the cycle in which it has taken this long; 0: after its last")
	flags.BoolVar(&o.long, "long", false, "the cycles of the long run")
	flags.Uint64Var(&o.seed, "seed", o.seed, "seed of everything random; a new one each time")
	flags.BoolVar(&o.planted, "planted", false, "build the server with each of the planted bugs, and show that an attack finds it")
	flags.BoolVar(&o.race, "race", false, "build the server with the race detector")
	flags.StringVar(&o.results, "results", "", "file for the report as JSON")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(os.Stderr)
		flags.Usage()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w: %w", err, scenario.ErrUsage)
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: %w", flags.Arg(0), scenario.ErrUsage)
	case o.cycles < 0:
		return o, fmt.Errorf("-cycles %d is negative: %w", o.cycles, scenario.ErrUsage)
	case o.within < 0:
		return o, fmt.Errorf("-within %v is negative: %w", o.within, scenario.ErrUsage)
	}
	return o, o.check()
}

// check refuses names that are no attack.
func (o options) check() error {
	for _, name := range o.only {
		if !slices.Contains(attackNames(), name) {
			return fmt.Errorf("-only: %q is none of %s: %w", name, strings.Join(attackNames(), ", "), scenario.ErrUsage)
		}
	}
	return nil
}

// chosen are the attacks that were asked for.
func (o options) chosen() []Attack {
	return slices.DeleteFunc(All(), func(t Attack) bool { return len(o.only) > 0 && !slices.Contains(o.only, t.Name) })
}

func (o options) cyclesOf(t Attack) int {
	switch {
	case o.cycles > 0:
		return o.cycles
	case o.long:
		return t.Long
	default:
		return t.CI
	}
}

func attackNames() (names []string) {
	for _, t := range All() {
		names = append(names, t.Name)
	}
	return names
}
