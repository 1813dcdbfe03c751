package scenario

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
)

// ErrUsage is wrapped by the errors of a bad command line.
var ErrUsage = errors.New("see go run ./bench -help")

// Options are the values of all flags, of all scenarios.
type Options struct {
	Duration          time.Duration // of each load
	Every             time.Duration // between two samples
	Rounds            int
	Connections       int
	CreateConnections int
	Threads           int // of the load client
	Sessions          int
	Seed              uint64 // of the order of requests
	Client            string
	Only              []string // peers to run; empty for all
	Refresh           bool
	Create            bool
	Open              bool
	OpenRate          float64 // requests a second; 0 for half of the saturated rate
	IdleCheck         bool
	Generous          bool // judge by the generous floors, and try again once
	NoFloors          bool // report missed floors without failing
	Sizes             []int
	Cap               int           // --max-sessions of the product
	Idle              time.Duration // idle timeout of the sessions
	Hold              time.Duration // of the flood, after the cap is reached
	Quiet             time.Duration // after the flood
	Rate              int           // requests a second
	Visited           int           // sessions that the load requests
	Window            time.Duration // of one state of the console
	Dashboards        int
	Appendfsync       []string // of Redis
	Failover          bool
	ForSessions       int    // live sessions that the sheet is for
	ForRefreshes      int    // refreshes a second that the sheet is for
	Results           string // a folder; "" for bench/results of the repository; or NoResults
}

// NoResults in place of a folder writes no files.
const NoResults = "none"

// Bounds of what one run may demand of the machine.
const (
	maxConnections = 4096
	maxSessions    = 1_000_000
	maxScale       = 10_000_000 // sessions of one product: 11 GB of memory
	maxDashboards  = 4          // streams that the product allows one operator
)

// options returns the defaults of a scenario. They leave half of the cores to the server.
func (s Scenario) options() Options {
	o := Options{
		Duration: 2 * time.Second, Every: time.Second, Rounds: 3, Connections: 64, CreateConnections: 256,
		Threads: max(1, runtime.NumCPU()/2), Sessions: 1000, Seed: 1, Client: "auto", Idle: load.IdleTimeout,
	}
	s.Defaults(&o)
	return o
}

// A setting is one flag: its help, where its value goes, and the values it accepts.
type setting struct {
	name, help string
	value      any
	check      func() error // nil accepts every value
}

// settings returns all flags.
func (o *Options) settings() []setting {
	return []setting{
		{"duration", "length of each load", &o.Duration, within(&o.Duration, 1, 24*time.Hour)},
		{"every", "time between two samples", &o.Every, within(&o.Every, 1, time.Hour)},
		{"rounds", "how many times each load runs; the report has medians", &o.Rounds, within(&o.Rounds, 1, 1000)},
		{"connections", "connections of the load; each sends one request at a time", &o.Connections, within(&o.Connections, 1, maxConnections)},
		{"create-connections", "connections of the creation load", &o.CreateConnections, within(&o.CreateConnections, 1, maxConnections)},
		{"threads", "threads of the load client", &o.Threads, within(&o.Threads, 1, maxConnections)},
		{"sessions", "live sessions", &o.Sessions, within(&o.Sessions, 1, maxScale)},
		{"seed", "seed of the order of requests", &o.Seed, nil},
		{"client", "load client: wrk, own, or auto (wrk where it is installed)", &o.Client, func() error { return among([]string{o.Client}, "wrk", "own", "auto") }},
		{"only", "peers to run, separated by commas: " + strings.Join(peer.Names(), ","), &o.Only, func() error { return among(o.Only, peer.Names()...) }},
		{"refresh", "measure refreshes as fast as the server can", &o.Refresh, nil},
		{"create", "measure durable creations", &o.Create, nil},
		{"open", "measure refreshes at a fixed rate (open loop)", &o.Open, nil},
		{"open-rate", "requests a second of the open loop; 0 for half of the slower peer's rate", &o.OpenRate, within(&o.OpenRate, 0, 1_000_000)},
		{"idle-check", "check that an idle session expires on time", &o.IdleCheck, nil},
		{"generous", "judge by the lower floors of quick, and measure again once before failing", &o.Generous, nil},
		{"no-floors", "report missed floors without failing", &o.NoFloors, nil},
		{"sizes", "numbers of live sessions, separated by commas", &o.Sizes, nil},
		{"cap", "the server's --max-sessions; the flood has to reach it within -idle", &o.Cap, within(&o.Cap, 2, maxScale)},
		{"idle", "idle timeout of the sessions", &o.Idle, within(&o.Idle, time.Second, 12*time.Hour)},
		{"hold", "how long the flood goes on after it reached the cap", &o.Hold, within(&o.Hold, 0, time.Hour)},
		{"quiet", "how long to wait after the flood; longer than -idle", &o.Quiet, within(&o.Quiet, 1, 24*time.Hour)},
		{"rate", "requests a second", &o.Rate, within(&o.Rate, 1, 1_000_000)},
		{"visited", "how many of the sessions the load requests", &o.Visited, within(&o.Visited, 1, maxScale)},
		{"window", "length of a window: no operator, one page of the list, or open dashboards; streams that wait; the load before a failover", &o.Window, within(&o.Window, 100*time.Millisecond, time.Minute)},
		{"dashboards", "dashboards open at once", &o.Dashboards, within(&o.Dashboards, 1, maxDashboards)},
		{"appendfsync", "Redis's setting, or several, separated by commas: everysec, always", &o.Appendfsync, func() error { return among(o.Appendfsync, everySecond, eachWrite) }},
		{"failover", "kill a master of a Redis Cluster under load", &o.Failover, nil},
		{"for-sessions", "size for this number of live sessions", &o.ForSessions, within(&o.ForSessions, 1, 2_000_000_000)},
		{"for-refreshes", "size for this number of refreshes a second", &o.ForRefreshes, within(&o.ForRefreshes, 1, 1_000_000_000)},
		{"results", "folder for the JSON report and the charts, or none to write no files (default bench/results of the repository)", &o.Results, nil},
	}
}

func within[T cmp.Ordered](v *T, low, high T) func() error {
	return func() error {
		if *v >= low && *v <= high { // false for NaN
			return nil
		}
		return fmt.Errorf("%v is out of range; choose a value from %v to %v", *v, low, high)
	}
}

func among(values []string, allowed ...string) error {
	for _, v := range values {
		if !slices.Contains(allowed, v) {
			return fmt.Errorf("%q is unknown; choose from %s", v, strings.Join(allowed, ", "))
		}
	}
	return nil
}

// parse reads the command line of a scenario; its errors wrap ErrUsage.
func (s Scenario) parse(args []string) (*Options, error) {
	o := s.options()
	flags := flag.NewFlagSet("go run ./bench "+s.Name, flag.ContinueOnError)
	mine := slices.DeleteFunc(o.settings(), func(st setting) bool { return !slices.Contains(strings.Fields(s.Flags), st.name) })
	for _, st := range mine {
		st.add(flags)
	}
	if err := parseFlags(flags, args); err != nil {
		return nil, err
	}
	for _, st := range mine {
		if st.check == nil {
			continue
		}
		if err := st.check(); err != nil {
			return nil, fmt.Errorf("-%s: %w; %w", st.name, err, ErrUsage)
		}
	}
	if err := s.Check(&o); err != nil {
		return nil, fmt.Errorf("%w; %w", err, ErrUsage)
	}
	return &o, nil
}

// add defines the flag. Its default is the value that is there.
func (s setting) add(flags *flag.FlagSet) {
	switch v := s.value.(type) {
	case *time.Duration:
		flags.DurationVar(v, s.name, *v, s.help)
	case *int:
		flags.IntVar(v, s.name, *v, s.help)
	case *uint64:
		flags.Uint64Var(v, s.name, *v, s.help)
	case *float64:
		flags.Float64Var(v, s.name, *v, s.help)
	case *bool:
		flags.BoolVar(v, s.name, *v, s.help)
	case *string:
		flags.StringVar(v, s.name, *v, s.help)
	case *[]string:
		flags.Func(s.name, s.help, func(text string) error { *v = strings.Split(text, ","); return nil })
	case *[]int:
		flags.Func(s.name, s.help, func(text string) (err error) { *v, err = parseSizes(text); return err })
	}
}

// parseSizes reads numbers of sessions and returns them sorted, each once.
func parseSizes(list string) ([]int, error) {
	var sizes []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxScale {
			return nil, fmt.Errorf("%q is unknown; choose numbers from 1 to %d", text, maxScale)
		}
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	return slices.Compact(sizes), nil
}

// parseFlags parses args. For -help it prints the flags and the commands and returns
// flag.ErrHelp; its other errors wrap ErrUsage.
func parseFlags(flags *flag.FlagSet, args []string) error {
	flags.SetOutput(io.Discard)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(os.Stderr)
		fmt.Fprintf(os.Stderr, "usage: %s [flags]\n", flags.Name())
		flags.PrintDefaults()
		fmt.Fprintln(os.Stderr, "\ncommands; each has its own -help:")
		others := []Scenario{{Name: "promises", About: "attacks the server's promises"}, {Name: "seed", About: "creates live sessions, for wrk by hand"}}
		for _, s := range append(All(), others...) {
			fmt.Fprintf(os.Stderr, "  %-8s %s\n", s.Name, s.About)
		}
		return err
	case err != nil:
		return fmt.Errorf("%w; %w", err, ErrUsage)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q; %w", flags.Arg(0), ErrUsage)
	}
	return nil
}
