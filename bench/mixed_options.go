package main

import (
	"context"
	"flag"
	"fmt"
	"time"
)

// mixedOptions is one `go run ./bench mixed`.
type mixedOptions struct {
	duration    time.Duration
	every       time.Duration // between two samples
	sessions    int           // live at the start, and about as many all along
	connections int
	seed        uint64
	results     string
}

func defaultMixedOptions() mixedOptions {
	return mixedOptions{duration: 5 * time.Minute, every: time.Second, sessions: 10_000, connections: 64, seed: 1}
}

func parseMixedOptions(args []string) (mixedOptions, error) {
	opt := defaultMixedOptions()
	flags := flag.NewFlagSet("go run ./bench mixed", flag.ContinueOnError)
	flags.DurationVar(&opt.duration, "duration", opt.duration, "length of the load")
	flags.DurationVar(&opt.every, "every", opt.every, "time between two samples")
	flags.IntVar(&opt.sessions, "sessions", opt.sessions, "live sessions at the start, shared among the connections")
	flags.IntVar(&opt.connections, "connections", opt.connections, "connections, one request at a time each")
	flags.Uint64Var(&opt.seed, "seed", opt.seed, "seed of what is done in which order")
	flags.StringVar(&opt.results, "results", opt.results, resultsHelp)
	if err := parseFlags(flags, args); err != nil {
		return opt, err
	}
	return opt, opt.check()
}

func (o mixedOptions) check() error {
	switch {
	case o.duration <= 0 || o.duration > 24*time.Hour:
		return fmt.Errorf("-duration %s is not within 0 to 24h: %w", o.duration, errUsage)
	case o.every <= 0 || o.every > o.duration:
		return fmt.Errorf("-every %s is not within 0 to -duration: %w", o.every, errUsage)
	case o.connections < 1 || o.connections > maxConnections:
		return fmt.Errorf("-connections %d is not within 1 to %d: %w", o.connections, maxConnections, errUsage)
	case o.sessions < o.connections || o.sessions > maxSessions/2:
		return fmt.Errorf("-sessions %d is not within -connections to %d: %w", o.sessions, maxSessions/2, errUsage)
	}
	return nil
}

func mixedCommand(ctx context.Context, args []string) error {
	opt, err := parseMixedOptions(args)
	if err != nil {
		return err
	}
	return runTrial(ctx, "mixed", args, opt.results, func(ctx context.Context, t trial) (mixedReport, error) {
		return runMixed(ctx, opt, t)
	})
}
