// Package scenario has the bench's commands, and the engine that runs them.
package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// A Scenario is one command: what it measures, what it reports and what has to hold.
type Scenario struct {
	Name     string
	About    string               // one line of the help
	Defaults func(*Options)       // changes the common defaults
	Flags    string               // names of its flags, separated by blanks
	Check    func(*Options) error // what the bounds of single flags leave open
	Run      func(context.Context, *Bench) error
	Show     func(*Options, *report.Report) // adds the description, the tables and the charts
	Floors   []report.Floor
}

// All returns every scenario. The first is what `go run ./bench` does without arguments.
func All() []Scenario {
	return []Scenario{refreshScenario(), quickScenario(), scaleScenario(), floodScenario(), mixedScenario(), growthScenario(), consoleScenario(), endingScenario(), streamsScenario(), redisScenario(), redisQuickScenario(), serversScenario(), sizingScenario()}
}

// ErrBad is returned when a check failed or a floor was missed.
var ErrBad = errors.New("a check failed; see the lines marked BAD in the report above")

// errCrashed ends a scenario whose server crashed. A crash is a result: the report has it.
var errCrashed = errors.New("the server crashed")

// Command runs the scenario that args name, or the first, and prints the report to out.
// Its error wraps ErrUsage for a bad command line, and is ErrBad for a bad result.
func Command(ctx context.Context, args []string, out io.Writer) error {
	chosen, rest := All()[0], args
	for _, s := range All() {
		if len(args) > 0 && args[0] == s.Name {
			chosen, rest = s, args[1:]
		}
	}
	opt, err := chosen.parse(rest)
	if err != nil {
		return err
	}
	return chosen.run(ctx, opt, "go run ./bench "+strings.Join(args, " "), out)
}

// A Bench is one run of a scenario.
type Bench struct {
	*Options
	peer.Workshop
	Report   *report.Report
	dir      string    // for all files of the run; removed at the end
	progress io.Writer // lines that say what runs
	scenario Scenario
}

// run measures and reports. It always stops its servers and removes its folder.
func (s Scenario) run(ctx context.Context, opt *Options, command string, out io.Writer) error {
	dir, err := os.MkdirTemp("", "pagesession-bench-")
	if err != nil {
		return fmt.Errorf("create a working folder: %w", err)
	}
	defer os.RemoveAll(dir)
	b, err := s.bench(ctx, opt, dir)
	if err != nil {
		return err
	}
	b.Report.Command = command
	if err := b.do(ctx); err != nil {
		return err
	}
	return b.conclude(ctx, out)
}

// bench builds the product and prepares the report.
func (s Scenario) bench(ctx context.Context, opt *Options, dir string) (*Bench, error) {
	b := &Bench{Options: opt, dir: dir, progress: os.Stderr, scenario: s}
	machine, err := report.Describe(ctx, dir)
	if err != nil {
		return nil, err
	}
	b.Report = b.newReport(machine)
	if b.Self, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	fmt.Fprintln(b.progress, "building the product")
	b.Product, err = peer.Build(ctx, dir)
	return b, err
}

// newReport returns a report without measurements, with the floors that apply here.
func (b *Bench) newReport(machine report.Machine) *report.Report {
	r := &report.Report{Time: time.Now().UTC(), Machine: machine, Options: b.Options}
	for _, f := range b.scenario.Floors {
		if b.Generous {
			f.Limit = f.Generous
		}
		if f.Limit > 0 && (f.Where == "" || f.Where == machine.Where()) {
			r.Floors = append(r.Floors, f)
		}
	}
	if machine.Where() == report.InMemory {
		r.Notes.Add("fsync takes no time here, so durable rates are not judged; set TMPDIR to a folder on a disk")
	}
	return r
}

// do runs the scenario and summarizes what it measured.
func (b *Bench) do(ctx context.Context) error {
	err := b.scenario.Run(ctx, b)
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
	if err != nil && !errors.Is(err, errCrashed) {
		return err
	}
	b.scenario.Show(b.Options, b.Report)
	b.summarize()
	return nil
}

// summarize renews the summaries of what was measured so far.
func (b *Bench) summarize() { b.Report.Summaries = report.Summarize(b.Report.Measurements) }

// conclude prints the report, writes its files, and returns ErrBad for a bad result.
func (b *Bench) conclude(ctx context.Context, out io.Writer) error {
	b.Report.Print(out)
	dir, err := resultsDir(ctx, b.Results)
	if err != nil {
		return err
	}
	if dir != "" {
		if err := b.Report.Write(dir, b.scenario.Name); err != nil {
			return err
		}
		fmt.Fprintf(out, "all figures are in %s, the charts beside it\n", filepath.Join(dir, b.scenario.Name+".json"))
	}
	if b.Report.Failed(b.NoFloors) {
		return ErrBad
	}
	return nil
}

// resultsDir returns the folder that was chosen, by default bench/results of the
// repository, and "" for NoResults.
func resultsDir(ctx context.Context, asked string) (string, error) {
	switch asked {
	case NoResults:
		return "", nil
	case "":
		root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "pagesession").Output()
		if err != nil {
			return "", fmt.Errorf("find the repository: %w; run this inside it, or choose a folder with -results", err)
		}
		return filepath.Join(strings.TrimSpace(string(root)), "bench", "results"), nil
	default:
		return asked, nil
	}
}
