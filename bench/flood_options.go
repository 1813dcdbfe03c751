package main

import (
	"context"
	"flag"
	"fmt"
	"time"
)

// floodOptions is one `go run ./bench flood`.
type floodOptions struct {
	cap         int           // --max-sessions of the product
	idle        time.Duration // --idle-timeout of the product
	hold        time.Duration // how long to go on at the cap
	quiet       time.Duration // how long to wait after that
	every       time.Duration // between two samples, and two looks of the visitor
	connections int
	results     string
}

// The cap has to be reached before the first sessions expire. 100,000 in 20 s
// is within the reach of any machine; a million needs a longer idle timeout.
func defaultFloodOptions() floodOptions {
	return floodOptions{
		cap: 100_000, idle: idleTimeout, hold: 5 * time.Second, quiet: 2 * idleTimeout, every: time.Second,
		connections: 256,
	}
}

func parseFloodOptions(args []string) (floodOptions, error) {
	opt := defaultFloodOptions()
	flags := flag.NewFlagSet("go run ./bench flood", flag.ContinueOnError)
	flags.IntVar(&opt.cap, "cap", opt.cap, "the product's --max-sessions; it has to be reached within -idle")
	flags.DurationVar(&opt.idle, "idle", opt.idle, "the product's --idle-timeout; with -cap 1000000 try 2m")
	flags.DurationVar(&opt.hold, "hold", opt.hold, "how long to go on when the cap is reached")
	flags.DurationVar(&opt.quiet, "quiet", opt.quiet, "quiet after the flood; longer than -idle")
	flags.DurationVar(&opt.every, "every", opt.every, "time between two samples")
	flags.IntVar(&opt.connections, "connections", opt.connections, "connections of the flood")
	flags.StringVar(&opt.results, "results", opt.results, resultsHelp)
	if err := parseFlags(flags, args); err != nil {
		return opt, err
	}
	return opt, opt.check()
}

func (o floodOptions) check() error {
	switch {
	case o.cap < 2 || o.cap > maxScale:
		return fmt.Errorf("-cap %d is not within 2 to %d: %w", o.cap, maxScale, errUsage)
	case o.idle < time.Second || o.idle > time.Hour:
		return fmt.Errorf("-idle %s is not within 1s to 1h: %w", o.idle, errUsage)
	case o.hold < 0 || o.hold > time.Hour:
		return fmt.Errorf("-hold %s is not within 0 to 1h: %w", o.hold, errUsage)
	case o.quiet <= o.idle || o.quiet > 24*time.Hour:
		return fmt.Errorf("-quiet %s is not longer than -idle %s: %w", o.quiet, o.idle, errUsage)
	case o.every <= 0 || o.every > o.idle/2:
		return fmt.Errorf("-every %s is not within 0 to half of -idle: %w", o.every, errUsage)
	case o.connections < 1 || o.connections > maxConnections:
		return fmt.Errorf("-connections %d is not within 1 to %d: %w", o.connections, maxConnections, errUsage)
	}
	return nil
}

func floodCommand(ctx context.Context, args []string) error {
	opt, err := parseFloodOptions(args)
	if err != nil {
		return err
	}
	return runTrial(ctx, "flood", args, opt.results, func(ctx context.Context, t trial) (floodReport, error) {
		return runFlood(ctx, opt, t)
	})
}
