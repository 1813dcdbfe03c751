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

// ErrUsage marks an error in the command line.
var ErrUsage = errors.New("see go run ./bench -help")

// Options are what can be asked for on the command line, of all scenarios.
type Options struct {
	Duration          time.Duration // of each load
	Every             time.Duration // between two samples
	Rounds            int
	Connections       int
	CreateConnections int
	Threads           int // of the load client
	Sessions          int
	Seed              uint64
	Client            string
	Only              []string // peers to run; empty: all
	Refresh           bool
	Create            bool
	Open              bool
	OpenRate          float64 // requests a second; 0: half of the saturated rate
	IdleCheck         bool
	Generous          bool // judge by the generous floors, each tried twice
	NoFloors          bool // report the floors, do not judge by them
	Sizes             []int
	Cap               int           // --max-sessions of the product
	Idle              time.Duration // idle timeout of the sessions
	Hold              time.Duration
	Quiet             time.Duration
	Rate              int // requests a second
	Visited           int
	Window            time.Duration
	Dashboards        int
	Results           string // folder; "": bench/results of the module; or NoResults
}

// NoResults is the folder by which nothing is written.
const NoResults = "none"

// Bounds of what one run may ask of the machine.
const (
	maxConnections = 4096
	maxSessions    = 1_000_000
	maxScale       = 10_000_000 // sessions of one product: 11 GB of memory
	maxDashboards  = 4          // streams that the product gives one operator
)

// options are the defaults of a scenario. Half of the cores are left to the server.
func (s Scenario) options() Options {
	o := Options{
		Duration: 2 * time.Second, Every: time.Second, Rounds: 3, Connections: 64, CreateConnections: 256,
		Threads: max(1, runtime.NumCPU()/2), Sessions: 1000, Seed: 1, Client: "auto", Idle: load.IdleTimeout,
	}
	s.Defaults(&o)
	return o
}

// A setting is one flag: where its value goes, and what is allowed.
type setting struct {
	name, help string
	value      any
	check      func() error
}

// settings are all flags there are.
func (o *Options) settings() []setting {
	return []setting{
		{"duration", "length of each load", &o.Duration, within(&o.Duration, 1, 24*time.Hour)},
		{"every", "time between two samples", &o.Every, within(&o.Every, 1, time.Hour)},
		{"rounds", "how often each is measured; medians are reported", &o.Rounds, within(&o.Rounds, 1, 1000)},
		{"connections", "connections of the load, one request at a time each", &o.Connections, within(&o.Connections, 1, maxConnections)},
		{"create-connections", "connections of the creation load", &o.CreateConnections, within(&o.CreateConnections, 1, maxConnections)},
		{"threads", "threads of the load client", &o.Threads, within(&o.Threads, 1, maxConnections)},
		{"sessions", "live sessions", &o.Sessions, within(&o.Sessions, 1, maxScale)},
		{"seed", "seed of the order of requests", &o.Seed, nil},
		{"client", "load client: wrk, own, or auto (wrk where it is installed)", &o.Client, func() error { return among([]string{o.Client}, "wrk", "own", "auto") }},
		{"only", "run these peers only, by comma: " + strings.Join(peer.Names(), ","), &o.Only, func() error { return among(o.Only, peer.Names()...) }},
		{"refresh", "measure saturated refreshes", &o.Refresh, nil},
		{"create", "measure durable creations as well", &o.Create, nil},
		{"open", "measure refreshes at a fixed rate (open loop) as well", &o.Open, nil},
		{"open-rate", "requests a second of the open loop; 0: half of the saturated rate", &o.OpenRate, within(&o.OpenRate, 0, 1_000_000)},
		{"idle-check", "show that an idle session is gone after its time", &o.IdleCheck, nil},
		{"generous", "judge by the generous floors of quick, and try again once", &o.Generous, nil},
		{"no-floors", "report floors without failing on them", &o.NoFloors, nil},
		{"sizes", "how many live sessions, by comma", &o.Sizes, nil},
		{"cap", "the product's --max-sessions; it has to be reached within -idle", &o.Cap, within(&o.Cap, 2, maxScale)},
		{"idle", "idle timeout of the sessions", &o.Idle, within(&o.Idle, time.Second, 12*time.Hour)},
		{"hold", "how long to go on when the cap is reached", &o.Hold, within(&o.Hold, 0, time.Hour)},
		{"quiet", "quiet after the flood; longer than -idle", &o.Quiet, within(&o.Quiet, 1, 24*time.Hour)},
		{"rate", "requests a second", &o.Rate, within(&o.Rate, 1, 1_000_000)},
		{"visited", "how many of the sessions the load requests", &o.Visited, within(&o.Visited, 1, maxScale)},
		{"window", "how long at a time; in it one page of the list, or open dashboards", &o.Window, within(&o.Window, 100*time.Millisecond, time.Minute)},
		{"dashboards", "dashboards open at once", &o.Dashboards, within(&o.Dashboards, 1, maxDashboards)},
		{"results", "folder for the report as JSON and the charts, or none (default bench/results of the repository)", &o.Results, nil},
	}
}

func within[T cmp.Ordered](v *T, low, high T) func() error {
	return func() error {
		if *v >= low && *v <= high { // NaN is neither
			return nil
		}
		return fmt.Errorf("%v is not within %v to %v", *v, low, high)
	}
}

func among(values []string, allowed ...string) error {
	for _, v := range values {
		if !slices.Contains(allowed, v) {
			return fmt.Errorf("%q is none of %s", v, strings.Join(allowed, ", "))
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
			return nil, fmt.Errorf("-%s: %w: %w", st.name, err, ErrUsage)
		}
	}
	if err := s.Check(&o); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrUsage)
	}
	return &o, nil
}

// add makes the flag, whose default is the value that is there.
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

// parseSizes reads numbers of sessions and sorts them.
func parseSizes(list string) ([]int, error) {
	var sizes []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxScale {
			return nil, fmt.Errorf("%q is not a number from 1 to %d", text, maxScale)
		}
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	return slices.Compact(sizes), nil
}

// parseFlags parses args and prints help. Its other errors wrap ErrUsage.
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
		return fmt.Errorf("%w: %w", err, ErrUsage)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: %w", flags.Arg(0), ErrUsage)
	}
	return nil
}
