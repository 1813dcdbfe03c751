// Package scenario has what the bench can be asked, and the engine that does it.
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

// A Scenario is one question: what is done, what is shown and what must hold.
type Scenario struct {
	Name     string
	Defaults func(*Options)       // changes what is common
	Flags    string               // those that mean something here, by blank
	Check    func(*Options) error // beyond the bounds of each flag
	Run      func(context.Context, *Bench) error
	Show     func(*Options, *report.Report) // sets what was done, the tables and charts
	Floors   []report.Floor
}

// All is every scenario. The first is what a bare `go run ./bench` does.
func All() []Scenario {
	return []Scenario{refreshScenario(), quickScenario(), scaleScenario(), floodScenario(), mixedScenario(), growthScenario(), consoleScenario()}
}

// ErrBad is the end of a run that went wrong: the report has said how.
var ErrBad = errors.New("the result is BAD, see above")

// errCrashed ends a scenario whose server crashed, which is a result.
var errCrashed = errors.New("the server crashed")

// Command runs a scenario by its name, or the first. The report goes to out.
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

// A Bench is a scenario at work: a folder of its own, the product and a report.
type Bench struct {
	*Options
	peer.Workshop
	Report   *report.Report
	dir      string    // everything that is written; removed at the end
	progress io.Writer // lines that tell what runs
	scenario Scenario
}

// run does it all. It leaves no process and no file behind, whatever happens.
func (s Scenario) run(ctx context.Context, opt *Options, command string, out io.Writer) error {
	dir, err := os.MkdirTemp("", "pagesession-bench-")
	if err != nil {
		return fmt.Errorf("make a folder to work in: %w", err)
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

// newReport has everything but the measurements.
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
		r.Notes.Add("an fsync takes no time here: the folder is not on a disk (set TMPDIR), durable rates say nothing and are not judged")
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

// summarize makes the summaries of what was measured so far.
func (b *Bench) summarize() { b.Report.Summaries = report.Summarize(b.Report.Measurements) }

// conclude prints the report and writes it where that is wanted.
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

// resultsDir is the folder asked for, or bench/results of the repository; "" is none.
func resultsDir(ctx context.Context, asked string) (string, error) {
	switch asked {
	case NoResults:
		return "", nil
	case "":
		root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "pagesession").Output()
		if err != nil {
			return "", fmt.Errorf("find the repository: %w", err)
		}
		return filepath.Join(strings.TrimSpace(string(root)), "bench", "results"), nil
	default:
		return asked, nil
	}
}
