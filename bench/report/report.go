package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A Report has the results of a run, and what you need to repeat it.
type Report struct {
	Command      string        `json:"command"`
	Time         time.Time     `json:"time"`
	Machine      Machine       `json:"machine"`
	Options      any           `json:"options"`
	About        Lines         `json:"about"`           // what was done, above the tables
	Facts        Lines         `json:"facts,omitempty"` // what was found, below them
	Notes        Lines         `json:"notes,omitempty"` // what makes figures doubtful
	Bad          Lines         `json:"bad,omitempty"`   // failed checks other than floors
	Comparisons  []Comparison  `json:"comparisons,omitempty"`
	Summaries    []Summary     `json:"summaries"`
	Measurements []Measurement `json:"measurements"`

	Floors []Floor `json:"-"` // that judge the run
	Tables []Table `json:"-"`
	Charts []Chart `json:"-"`
}

// Find returns the summary of a subject in a measure; ok is false without one.
func (r *Report) Find(measure, subject string) (s Summary, ok bool) {
	for _, s := range r.Summaries {
		if s.Measure == measure && s.Subject == subject {
			return s, true
		}
	}
	return Summary{}, false
}

// Of returns the measurements of a measure, in their order.
func (r *Report) Of(measure string) []Measurement {
	var list []Measurement
	for _, m := range r.Measurements {
		if m.Measure == measure {
			list = append(list, m)
		}
	}
	return list
}

// Column returns one figure of each measurement of a measure, 0 where it is unknown.
func (r *Report) Column(measure, figure string) []float64 {
	var values []float64
	for _, m := range r.Of(measure) {
		values = append(values, m.Figures[figure])
	}
	return values
}

// Lines are lines of a report.
type Lines []string

// Add appends a line.
func (l *Lines) Add(format string, args ...any) { *l = append(*l, fmt.Sprintf(format, args...)) }

// Blame adds a failed check if bad is true.
func (r *Report) Blame(bad bool, format string, args ...any) {
	if bad {
		r.Bad.Add(format, args...)
	}
}

// BlameGrowth adds a failed check if a figure has Grown.
func (r *Report) BlameGrowth(what, measure, figure string, atMost, slack float64) {
	text := Grown(what, r.Column(measure, figure), atMost, slack)
	r.Blame(text != "", "%s", text)
}

// Failed reports whether a check failed or, unless noFloors, a floor was missed.
func (r *Report) Failed(noFloors bool) bool {
	return len(r.Bad) > 0 || !noFloors && slices.ContainsFunc(r.Comparisons, func(c Comparison) bool { return c.Missed })
}

// Print writes the report as text, the verdict last.
func (r *Report) Print(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n%s, %s\n", r.Command, r.Time.Format(time.DateTime+" MST"), r.Machine)
	printAll(out, "", r.About)
	for _, t := range r.Tables {
		t.print(out, r)
	}
	fmt.Fprintln(out)
	printAll(out, "", r.Facts)
	for _, s := range r.Summaries {
		for _, c := range s.Crashes {
			fmt.Fprintf(out, "%s %s crashed after %d requests, %.2f s: %s\n", s.Measure, s.Subject, c.After, c.Seconds, c.Cause)
		}
	}
	printAll(out, "note: ", r.Notes)
	r.printVerdict(out)
}

func printAll(out io.Writer, before string, lines []string) {
	for _, line := range lines {
		fmt.Fprintln(out, before+line)
	}
}

// printVerdict writes the failed checks and the unjudged floors, or that all is good.
func (r *Report) printVerdict(out io.Writer) {
	printAll(out, "BAD: ", r.Bad)
	for _, c := range r.Comparisons {
		if c.Missed {
			fmt.Fprintln(out, "BAD:", c)
		}
	}
	left := r.unjudged()
	for _, f := range left {
		fmt.Fprintf(out, "not judged: %s against %s: %s\n", f.What, f.Subject, f.Bound())
	}
	judged := len(r.Floors) - len(left)
	switch {
	case r.Failed(false):
	case len(r.Floors) == 0:
		fmt.Fprintln(out, "GOOD: every check passed")
	case judged > 0:
		fmt.Fprintf(out, "GOOD: every answer of ours was right; %d of %d floors judged, all reached\n", judged, len(r.Floors))
	}
}

// Write writes NAME.json and the charts into a folder, which it creates if need be.
func (r *Report) Write(dir, name string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := writeFile(filepath.Join(dir, name+".json"), append(data, '\n')); err != nil {
		return err
	}
	for _, c := range r.Charts {
		if err := c.draw(r, dir); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(file string, data []byte) error {
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, data, 0o644)
	}
	if err != nil {
		err = fmt.Errorf("write results: %w", err)
	}
	return err
}
