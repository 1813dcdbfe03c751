package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scaleOptions is one `go run ./bench scale`.
type scaleOptions struct {
	sizes       []int // live sessions, ascending
	duration    time.Duration
	rounds      int
	connections int
	threads     int
	seed        uint64
	client      string
	noFloors    bool
	results     string
}

// maxScale bounds the sessions of one product: 11 GB of memory.
const maxScale = 10_000_000

func defaultScaleOptions() scaleOptions {
	base := defaultOptions()
	return scaleOptions{
		sizes: []int{1_000, 10_000, 100_000, 1_000_000}, duration: base.duration, rounds: 3,
		connections: base.connections, threads: base.threads, seed: base.seed, client: base.client,
	}
}

func parseScaleOptions(args []string) (scaleOptions, error) {
	opt := defaultScaleOptions()
	flags := flag.NewFlagSet("go run ./bench scale", flag.ContinueOnError)
	flags.Func("sizes", "how many live sessions, by comma (default 1000,10000,100000,1000000)", opt.parseSizes)
	flags.DurationVar(&opt.duration, "duration", opt.duration, "length of each load")
	flags.IntVar(&opt.rounds, "rounds", opt.rounds, "how often each size is measured; medians are reported")
	flags.IntVar(&opt.connections, "connections", opt.connections, "connections of the load")
	flags.IntVar(&opt.threads, "threads", opt.threads, "threads of the load client")
	flags.Uint64Var(&opt.seed, "seed", opt.seed, "seed of the order in which sessions are visited")
	flags.StringVar(&opt.client, "client", opt.client, "load client: wrk, own, or auto (wrk where it is installed)")
	flags.BoolVar(&opt.noFloors, "no-floors", false, "report the floor without failing on it")
	flags.StringVar(&opt.results, "results", opt.results, resultsHelp)
	if err := parseFlags(flags, args); err != nil {
		return opt, err
	}
	return opt, opt.check()
}

func (o *scaleOptions) parseSizes(list string) error {
	o.sizes = nil
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxScale {
			return fmt.Errorf("%q is not a number from 1 to %d", text, maxScale)
		}
		o.sizes = append(o.sizes, n)
	}
	slices.Sort(o.sizes)
	o.sizes = slices.Compact(o.sizes)
	return nil
}

func (o scaleOptions) check() error {
	base := defaultOptions()
	base.duration, base.rounds, base.client = o.duration, o.rounds, o.client
	base.connections, base.threads = o.connections, o.threads
	return base.check()
}

// smallest and largest are what the floor compares.
func (o scaleOptions) smallest() int { return o.sizes[0] }
func (o scaleOptions) largest() int  { return o.sizes[len(o.sizes)-1] }

func scaleCommand(ctx context.Context, args []string) error {
	opt, err := parseScaleOptions(args)
	if err != nil {
		return err
	}
	return runTrial(ctx, "scale", args, opt.results, func(ctx context.Context, t trial) (scaleReport, error) {
		return runScale(ctx, opt, t)
	})
}
