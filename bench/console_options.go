package main

import (
	"context"
	"flag"
	"fmt"
	"time"
)

// consoleOptions is one `go run ./bench console`.
type consoleOptions struct {
	sessions    int           // live
	visited     int           // of them, by the load
	rounds      int           // of each state
	window      time.Duration // how long a state is measured at a time
	connections int
	dashboards  int
	seed        uint64
	noFloors    bool
	results     string
}

func defaultConsoleOptions() consoleOptions {
	base := defaultOptions()
	return consoleOptions{
		sessions: 1_000_000, visited: 10_000, rounds: 60, window: time.Second, dashboards: 1,
		connections: base.connections, seed: base.seed,
	}
}

// maxDashboards is how many streams the product gives one operator.
const maxDashboards = 4

func parseConsoleOptions(args []string) (consoleOptions, error) {
	opt := defaultConsoleOptions()
	flags := flag.NewFlagSet("go run ./bench console", flag.ContinueOnError)
	flags.IntVar(&opt.sessions, "sessions", opt.sessions, "live sessions")
	flags.IntVar(&opt.visited, "visited", opt.visited, "how many of them the load visits")
	flags.IntVar(&opt.rounds, "rounds", opt.rounds, "how often each state is measured; medians are reported")
	flags.DurationVar(&opt.window, "window", opt.window, "how long at a time; in it one page of the list, or open dashboards")
	flags.IntVar(&opt.connections, "connections", opt.connections, "connections of the load")
	flags.IntVar(&opt.dashboards, "dashboards", opt.dashboards, "dashboards that are opened at once")
	flags.Uint64Var(&opt.seed, "seed", opt.seed, "seed of the order in which sessions are visited")
	flags.BoolVar(&opt.noFloors, "no-floors", false, "report what it costs without failing on it")
	flags.StringVar(&opt.results, "results", opt.results, resultsHelp)
	if err := parseFlags(flags, args); err != nil {
		return opt, err
	}
	return opt, opt.check()
}

func (o consoleOptions) check() error {
	switch {
	case o.sessions < 1 || o.sessions > maxScale:
		return fmt.Errorf("-sessions %d is not within 1 to %d: %w", o.sessions, maxScale, errUsage)
	case o.visited < 1 || o.visited > o.sessions:
		return fmt.Errorf("-visited %d is not within 1 to %d: %w", o.visited, o.sessions, errUsage)
	case o.rounds < 1 || o.rounds > 1000:
		return fmt.Errorf("-rounds %d is not within 1 to 1000: %w", o.rounds, errUsage)
	case o.window < 100*time.Millisecond || o.window > time.Minute:
		return fmt.Errorf("-window %s is not within 100ms to 1m: %w", o.window, errUsage)
	case o.connections < 1 || o.connections > maxConnections:
		return fmt.Errorf("-connections %d is not within 1 to %d: %w", o.connections, maxConnections, errUsage)
	case o.dashboards < 1 || o.dashboards > maxDashboards:
		return fmt.Errorf("-dashboards %d is not within 1 to %d: %w", o.dashboards, maxDashboards, errUsage)
	}
	return nil
}

func consoleCommand(ctx context.Context, args []string) error {
	opt, err := parseConsoleOptions(args)
	if err != nil {
		return err
	}
	return runTrial(ctx, "console", args, opt.results, func(ctx context.Context, t trial) (consoleReport, error) {
		return runConsole(ctx, opt, t)
	})
}
