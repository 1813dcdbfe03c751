//go:build linux

package promises

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"pagesession/bench/report"
)

// A Result is everything that a run found, with what is needed to repeat it.
type Result struct {
	Time    time.Time      `json:"time"`
	Machine report.Machine `json:"machine"`
	Seed    uint64         `json:"seed"`
	Planted bool           `json:"planted"`
	Attacks []Outcome      `json:"attacks"`
	Bugs    []Catch        `json:"bugs,omitempty"`
	Verdict []Verdict      `json:"verdict,omitempty"`
}

// An Outcome is what one attack did.
type Outcome struct {
	Name       string   `json:"name"`
	About      string   `json:"about"`
	Promises   []string `json:"promises"`
	Cycles     int      `json:"cycles"`
	Requests   int      `json:"requests"`
	Seconds    float64  `json:"seconds"`
	Impossible string   `json:"impossible,omitempty"` // why it could not run here
	Excused    Excused  `json:"excused"`
	Faults     []Fault  `json:"faults,omitempty"`
}

// A Verdict is what is known of one promise.
type Verdict struct {
	Promise string   `json:"promise"`
	Title   string   `json:"title"`
	Broken  int      `json:"broken"`  // faults
	Attacks []string `json:"attacks"` // that it withstood, or not
	Skipped []string `json:"skipped"` // attacks that could not run
}

// print writes the outcome as one line, and its faults below.
func (o Outcome) print(out io.Writer) {
	if o.Impossible != "" {
		fmt.Fprintf(out, "%-12s not possible here: %s\n", o.Name, o.Impossible)
		return
	}
	state := "held"
	if len(o.Faults) > 0 {
		state = "BROKEN"
	}
	fmt.Fprintf(out, "%-12s %s  %d cycles, %d requests, %.1f s%s\n", o.Name, state, o.Cycles, o.Requests, o.Seconds, o.Excused)
	const shown = 8
	for i, f := range o.Faults {
		if i == shown {
			fmt.Fprintf(out, "    and %d more\n", len(o.Faults)-shown)
			break
		}
		fmt.Fprintf(out, "    %s, cycle %d: %s\n", f.Promise, f.Cycle, f.What)
	}
}

func (e Excused) String() string {
	if e == (Excused{}) {
		return ""
	}
	return fmt.Sprintf("; while detached %d ends undone, %d refused changes done, %d refreshes missing", e.UndoneEnds, e.DoneRefusals, e.MissingRefreshes)
}

// titles are the promises, P1 to P14, see docs/PROMISES.md.
func titles() []string {
	return []string{
		"durable when answered", "all or nothing", "ended stays ended", "never late", "refresh", "recovery", "only our ids",
		"bounded", "disk full", "disk error", "one owner", "stop", "backup", "Redis mode",
	}
}

// count is how many promises there are.
const count = 14

// verdicts are one for each promise that an attack attacks, or broke.
func (r *Result) verdicts() {
	for n := range count {
		v := Verdict{Promise: fmt.Sprintf("P%d", n+1), Title: titles()[n]}
		for _, o := range r.Attacks {
			v.add(o)
		}
		r.Verdict = append(r.Verdict, v)
	}
}

func (v *Verdict) add(o Outcome) {
	broken := 0
	for _, f := range o.Faults {
		if f.Promise == v.Promise {
			broken++
		}
	}
	switch {
	case broken == 0 && !slices.Contains(o.Promises, v.Promise):
	case o.Impossible != "":
		v.Skipped = append(v.Skipped, o.Name)
	default:
		v.Attacks, v.Broken = append(v.Attacks, o.Name), v.Broken+broken
	}
}

func (v Verdict) String() string {
	switch {
	case v.Broken > 0:
		return fmt.Sprintf("%-3s %s: BROKEN, %d times; attacked by %s", v.Promise, v.Title, v.Broken, strings.Join(v.Attacks, ", "))
	case len(v.Attacks) > 0:
		return fmt.Sprintf("%-3s %s: held against %s", v.Promise, v.Title, strings.Join(v.Attacks, ", "))
	default:
		return fmt.Sprintf("%-3s %s: not attacked", v.Promise, v.Title)
	}
}

// conclude prints the verdicts, writes the report and says how it ended.
func (b *bench) conclude() error {
	r := &b.result
	if !b.planted {
		r.verdicts()
	}
	fmt.Fprintf(b.out, "\n%s, %s, seed %d\n", r.Time.Format(time.DateTime+" MST"), r.Machine, r.Seed)
	for _, v := range r.Verdict {
		fmt.Fprintln(b.out, v)
	}
	if b.results != "" {
		text, err := json.MarshalIndent(r, "", "  ")
		if err == nil {
			err = os.WriteFile(b.results, append(text, '\n'), 0o644)
		}
		if err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if r.failed(b.strict) {
		return ErrBroken
	}
	return nil
}

// failed reports whether a promise was broken, a planted bug not found, or, if strict,
// an attack not possible.
func (r *Result) failed(strict bool) bool {
	return slices.ContainsFunc(r.Attacks, func(o Outcome) bool { return len(o.Faults) > 0 || strict && o.Impossible != "" }) ||
		slices.ContainsFunc(r.Bugs, func(c Catch) bool { return c.By == "" && (strict || c.Impossible == "") })
}

// progress rewrites one line on a terminal.
func (b *bench) progress(t Attack, a *arena, done int) {
	if !isTerminal() {
		return
	}
	a.ledger.mu.Lock()
	defer a.ledger.mu.Unlock()
	fmt.Fprintf(os.Stderr, "\r%-12s %d of %d cycles, %d requests, %d sessions, %d broken ", t.Name, done, a.cycles, a.ledger.calls, len(a.ledger.accounts), len(a.ledger.faults))
}

// endLine clears the progress.
func (b *bench) endLine() {
	if isTerminal() {
		fmt.Fprintf(os.Stderr, "\r%70s\r", "")
	}
}

func isTerminal() bool {
	info, err := os.Stderr.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
