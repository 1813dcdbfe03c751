package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// subcommands are what can be asked for by name. Each prints what it finds;
// its error says why to leave with another code than 0.
func subcommands() map[string]func(ctx context.Context, args []string) error {
	return map[string]func(context.Context, []string) error{
		"seed":    seedCommand,
		"scale":   scaleCommand,
		"flood":   floodCommand,
		"mixed":   mixedCommand,
		"growth":  growthCommand,
		"console": consoleCommand,
	}
}

// errBad is the end of a trial that went wrong: the report has said how.
var errBad = errors.New("the result is BAD, see above")

// A finding is what a trial found.
type finding interface {
	print(out io.Writer)
	// complaints are the reasons to leave with 1.
	complaints() []string
	// charts draws into the folder.
	charts(dir string) error
}

// conclude prints a finding with its verdict and writes NAME.json and the
// charts into dir; "" writes nothing.
func conclude(out io.Writer, dir, name string, f finding) error {
	f.print(out)
	bad := f.complaints()
	for _, line := range bad {
		fmt.Fprintln(out, "BAD:", line)
	}
	if err := keep(out, dir, name, f); err != nil {
		return err
	}
	if len(bad) > 0 {
		return errBad
	}
	fmt.Fprintln(out, "GOOD: everything held")
	return nil
}

func keep(out io.Writer, dir, name string, f finding) error {
	if dir == "" {
		return nil
	}
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the results: %w", err)
	}
	file := filepath.Join(dir, name+".json")
	if err := writeResult(file, append(data, '\n')); err != nil {
		return err
	}
	fmt.Fprintf(out, "all figures are in %s, the charts beside it\n", file)
	return f.charts(dir)
}

// A heading is what a finding is worth nothing without.
type heading struct {
	Command string    `json:"command"`
	Time    time.Time `json:"time"`
	Machine machine   `json:"machine"`
}

func (h heading) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n", h.Command)
	fmt.Fprintf(out, "%s, %s, %d cores, %s, %s, commit %s, fsync %.2f ms\n", h.Time.Format(time.DateTime+" MST"),
		h.Machine.CPU, h.Machine.Cores, h.Machine.System, h.Machine.Go, h.Machine.Commit, h.Machine.FsyncMS)
}

// A trial is a subcommand at work: a folder of its own and the product.
type trial struct {
	heading  heading
	workshop workshop
	dir      string    // everything that is written; removed at the end
	progress io.Writer // lines that tell what runs
}

// runTrial builds the product, lets a trial run, and concludes. It leaves no
// process and no file behind, whatever happens, a canceled context included.
func runTrial[F finding](ctx context.Context, name string, args []string, results string, run func(context.Context, trial) (F, error)) error {
	dir, err := os.MkdirTemp("", "pagesession-bench-")
	if err != nil {
		return fmt.Errorf("make a folder to work in: %w", err)
	}
	defer os.RemoveAll(dir)
	t := trial{dir: dir, progress: os.Stderr}
	if t.heading, err = newHeading(ctx, name, args, dir); err != nil {
		return err
	}
	fmt.Fprintln(t.progress, "building the product")
	if t.workshop.product, err = buildOurs(ctx, dir); err != nil {
		return err
	}
	f, err := run(ctx, t)
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
	if err != nil {
		return err
	}
	folder, _, err := resultsDir(ctx, results) // "" for none
	if err != nil {
		return err
	}
	return conclude(os.Stdout, folder, name, f)
}

func newHeading(ctx context.Context, name string, args []string, dir string) (heading, error) {
	m, err := describeMachine(ctx, dir)
	return heading{Command: commandLine(append([]string{name}, args...)), Time: time.Now().UTC(), Machine: m}, err
}

// resultsHelp is the help of -results.
const resultsHelp = "folder for NAME.json and the charts, or none (default bench/results of the repository)"
