package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// options is one bench run, as asked for on the command line.
type options struct {
	duration          time.Duration // of each load
	rounds            int           // how often each peer is loaded
	connections       int           // kept open by the refresh load
	createConnections int           // kept open by the creation load
	threads           int           // of the load client
	sessions          int           // live ids that the refresh load visits
	seed              uint64        // of the order in which they are visited
	client            string        // wrk, own, auto
	only              []string      // peers to run; empty: all
	refresh           bool          // measure saturated refreshes
	create            bool          // measure creations as well
	open              bool          // measure refreshes in an open loop as well
	openRate          float64       // requests a second of it; 0: half of the saturated rate
	noFloors          bool          // report the floors, do not judge by them
	generous          bool          // judge by the generous floors, each tried twice
	idle              bool          // show that an idle session ends
	results           string        // folder for the report; "": bench/results of the module; or noResults
}

// Bounds of what one run may ask of the machine.
const (
	maxDuration    = 10 * time.Minute
	maxRounds      = 100
	maxConnections = 4096
	maxSessions    = 1_000_000
	maxOpenRate    = 1_000_000
)

// noResults is the folder by which nothing is written.
const noResults = "none"

// quickArgument asks for quickOptions in place of the others.
const quickArgument = "quick"

// quickOptions is a run of under a minute for machines that are busy with
// other things: the peers that floors are for, and floors that only something
// gone wrong can miss.
func quickOptions() options {
	opt := defaultOptions()
	opt.duration, opt.rounds, opt.generous, opt.results = time.Second, 3, true, noResults
	opt.open = false // beside other work, a p99 is about that
	opt.only = []string{ours, "page", "constant", "memory", "stock"}
	return opt
}

// defaultOptions is what a bare `go run ./bench` does: under three minutes.
// Half of the cores are left to the server, as one wrk thread on two cores.
func defaultOptions() options {
	return options{
		duration:          2 * time.Second,
		rounds:            5,
		connections:       64,
		createConnections: 256,
		threads:           max(1, runtime.NumCPU()/2),
		sessions:          1000,
		seed:              1,
		client:            "auto",
		refresh:           true,
		create:            true,
		open:              true,
		idle:              true,
	}
}

// parseOptions reads the command line; its errors wrap errUsage.
func parseOptions(args []string) (options, error) {
	opt := defaultOptions()
	if len(args) > 0 && args[0] == quickArgument {
		opt, args = quickOptions(), args[1:]
	}
	var only string
	flags := flag.NewFlagSet("go run ./bench", flag.ContinueOnError)
	flags.DurationVar(&opt.duration, "duration", opt.duration, "length of each load, one per peer and round")
	flags.IntVar(&opt.rounds, "rounds", opt.rounds, "how often each peer is loaded; medians are reported")
	flags.IntVar(&opt.connections, "connections", opt.connections, "connections of the refresh load")
	flags.IntVar(&opt.createConnections, "create-connections", opt.createConnections, "connections of the creation load")
	flags.IntVar(&opt.threads, "threads", opt.threads, "threads of the load client")
	flags.IntVar(&opt.sessions, "sessions", opt.sessions, "live sessions to seed and visit")
	flags.Uint64Var(&opt.seed, "seed", opt.seed, "seed of the order in which sessions are visited")
	flags.StringVar(&opt.client, "client", opt.client, "load client: wrk, own, or auto (wrk where it is installed)")
	flags.StringVar(&only, "only", "", "run these peers only, by comma: "+strings.Join(peerNames(), ","))
	flags.BoolVar(&opt.refresh, "refresh", opt.refresh, "measure saturated refreshes")
	flags.BoolVar(&opt.create, "create", opt.create, "measure durable creations as well")
	flags.BoolVar(&opt.open, "open", opt.open, "measure refreshes at a fixed rate (open loop) as well")
	flags.Float64Var(&opt.openRate, "open-rate", 0, "requests a second of the open loop; 0: half of the saturated rate")
	flags.BoolVar(&opt.noFloors, "no-floors", false, "report floors without failing on them")
	flags.BoolVar(&opt.generous, "generous", opt.generous, "judge by the generous floors of quick, and try again once")
	flags.BoolVar(&opt.idle, "idle", opt.idle, "show that an idle session is gone after its time")
	flags.StringVar(&opt.results, "results", opt.results, "folder for the report as JSON and the charts, or none (default bench/results of the repository)")
	if err := parseFlags(flags, args); err != nil {
		return opt, err
	}
	if only != "" {
		opt.only = strings.Split(only, ",")
	}
	return opt, opt.check()
}

// parseFlags parses all of args. It prints help where that was asked for, and
// leaves it to the caller to tell of an error, which wraps errUsage.
func parseFlags(flags *flag.FlagSet, args []string) error {
	flags.SetOutput(io.Discard)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(os.Stderr)
		fmt.Fprintf(os.Stderr, "usage of %s:\n", flags.Name())
		flags.PrintDefaults()
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", err, errUsage)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: %w", flags.Arg(0), errUsage)
	}
	return nil
}

// check refuses what cannot be run.
func (o options) check() error {
	for _, name := range o.only {
		if !slices.Contains(peerNames(), name) {
			return fmt.Errorf("no peer %q, there are %s: %w", name, strings.Join(peerNames(), ", "), errUsage)
		}
	}
	switch {
	case o.duration <= 0 || o.duration > maxDuration:
		return fmt.Errorf("-duration %s is not within 0 to %s: %w", o.duration, maxDuration, errUsage)
	case o.rounds < 1 || o.rounds > maxRounds:
		return fmt.Errorf("-rounds %d is not within 1 to %d: %w", o.rounds, maxRounds, errUsage)
	case o.threads < 1 || o.threads > min(o.connections, o.createConnections):
		return fmt.Errorf("-threads %d is not within 1 to the connections: %w", o.threads, errUsage)
	case max(o.connections, o.createConnections) > maxConnections:
		return fmt.Errorf("more than %d connections: %w", maxConnections, errUsage)
	case o.sessions < 1 || o.sessions > maxSessions:
		return fmt.Errorf("-sessions %d is not within 1 to %d: %w", o.sessions, maxSessions, errUsage)
	case !(o.openRate == 0 || o.openRate >= 1 && o.openRate <= maxOpenRate): // NaN is neither
		return fmt.Errorf("-open-rate %g is neither 0 nor within 1 to %d: %w", o.openRate, maxOpenRate, errUsage)
	case !slices.Contains([]string{"wrk", "own", "auto"}, o.client):
		return fmt.Errorf("-client %q is none of wrk, own, auto: %w", o.client, errUsage)
	}
	return nil
}

// commandLine is what was typed, as far as it can be known.
func commandLine(args []string) string {
	line := "go run ./bench"
	for _, arg := range args {
		if strings.ContainsAny(arg, " \t\"'$") {
			arg = fmt.Sprintf("%q", arg)
		}
		line += " " + arg
	}
	if dir := os.Getenv("TMPDIR"); dir != "" {
		line = "TMPDIR=" + dir + " " + line
	}
	return line
}
