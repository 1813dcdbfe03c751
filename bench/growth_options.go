package main

import (
	"context"
	"flag"
	"fmt"
	"time"
)

// growthOptions is one `go run ./bench growth`.
type growthOptions struct {
	duration    time.Duration
	every       time.Duration // between two looks at the file
	rate        int           // requests a second
	sessions    int
	idle        time.Duration // of the sessions
	connections int
	results     string
}

func defaultGrowthOptions() growthOptions {
	return growthOptions{
		duration: 10 * time.Minute, every: 10 * time.Second, rate: 10_000, sessions: 100_000,
		idle: idleTimeout, connections: 64,
	}
}

func parseGrowthOptions(args []string) (growthOptions, error) {
	opt := defaultGrowthOptions()
	flags := flag.NewFlagSet("go run ./bench growth", flag.ContinueOnError)
	flags.DurationVar(&opt.duration, "duration", opt.duration, "how long to touch the sessions")
	flags.DurationVar(&opt.every, "every", opt.every, "time between two looks at the file")
	flags.IntVar(&opt.rate, "rate", opt.rate, "touches a second")
	flags.IntVar(&opt.sessions, "sessions", opt.sessions, "live sessions, touched in turn")
	flags.DurationVar(&opt.idle, "idle", opt.idle, "idle timeout of the sessions")
	flags.IntVar(&opt.connections, "connections", opt.connections, "connections")
	flags.StringVar(&opt.results, "results", opt.results, resultsHelp)
	if err := parseFlags(flags, args); err != nil {
		return opt, err
	}
	return opt, opt.check()
}

func (o growthOptions) check() error {
	switch between := o.between(); {
	case o.duration <= 0 || o.duration > 24*time.Hour:
		return fmt.Errorf("-duration %s is not within 0 to 24h: %w", o.duration, errUsage)
	case o.every <= 0 || o.every > o.duration:
		return fmt.Errorf("-every %s is not within 0 to -duration: %w", o.every, errUsage)
	case o.sessions < 1 || o.sessions > maxSessions:
		return fmt.Errorf("-sessions %d is not within 1 to %d: %w", o.sessions, maxSessions, errUsage)
	case o.rate < 1 || o.rate > 1_000_000:
		return fmt.Errorf("-rate %d is not within 1 to 1000000: %w", o.rate, errUsage)
	case o.connections < 1 || o.connections > maxConnections:
		return fmt.Errorf("-connections %d is not within 1 to %d: %w", o.connections, maxConnections, errUsage)
	case o.idle < 2*time.Second || o.idle > 12*time.Hour || between > o.idle*3/4:
		return fmt.Errorf("-idle %s is not within 2s to 12h, or too short for a visit every %s: %w", o.idle, between, errUsage)
	}
	return nil
}

// between is the time from one visit of a session to the next.
func (o growthOptions) between() time.Duration {
	if o.rate < 1 {
		return 0
	}
	return time.Duration(o.sessions) * time.Second / time.Duration(o.rate)
}

func growthCommand(ctx context.Context, args []string) error {
	opt, err := parseGrowthOptions(args)
	if err != nil {
		return err
	}
	return runTrial(ctx, "growth", args, opt.results, func(ctx context.Context, t trial) (growthReport, error) {
		return runGrowth(ctx, opt, t)
	})
}
