package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

// A report is everything that a run found, with what is needed to repeat it.
type report struct {
	Command     string       `json:"command"`
	Time        time.Time    `json:"time"`
	Machine     machine      `json:"machine"`
	Client      string       `json:"client"`
	Setup       setup        `json:"setup"`
	Summaries   []summary    `json:"summaries"`
	Comparisons []comparison `json:"comparisons"`
	Notes       []string     `json:"notes,omitempty"`
	Runs        []run        `json:"runs"`
}

// A setup is the options that shape the figures.
type setup struct {
	Rounds            int     `json:"rounds"`
	Seconds           float64 `json:"seconds"`
	Connections       int     `json:"connections"`
	CreateConnections int     `json:"create_connections"`
	Threads           int     `json:"threads"`
	Sessions          int     `json:"sessions"`
	Seed              uint64  `json:"seed"`
}

func newReport(opt options, client string, m machine, runs []run) report {
	summaries := summarize(runs)
	return report{
		Time:    time.Now().UTC(),
		Machine: m,
		Client:  client,
		Setup: setup{
			Rounds: opt.rounds, Seconds: opt.duration.Seconds(), Connections: opt.connections,
			CreateConnections: opt.createConnections, Threads: opt.threads,
			Sessions: opt.sessions, Seed: opt.seed,
		},
		Summaries:   summaries,
		Comparisons: compare(summaries, floors()),
		Notes:       notes(opt.threads, m, runs),
		Runs:        runs,
	}
}

// failed reports whether ours gave a bad answer or missed a floor. Bad
// answers count whether floors do or not.
func (r report) failed(noFloors bool) bool {
	for _, s := range r.Summaries {
		if s.Peer == ours && !s.flawless() {
			return true
		}
	}
	for _, c := range r.Comparisons {
		if c.Missed && !noFloors {
			return true
		}
	}
	return false
}

// notes says what makes figures doubtful.
func notes(threads int, m machine, runs []run) []string {
	var list []string
	if m.FsyncMS < 0.02 {
		list = append(list, "an fsync takes no time here: the folder is not on a disk (set TMPDIR), durable figures say nothing")
	}
	for _, r := range runs {
		if r.Note != "" {
			list = append(list, fmt.Sprintf("%s, round %d: %s", r.Peer, r.Round, r.Note))
		}
		if between := revisit(threads, r); between > idleTimeout/2 {
			list = append(list, fmt.Sprintf("%s, round %d: %d ids at %.0f requests/s are each visited only every %s: sessions that expired did so by the bench's own fault",
				r.Peer, r.Round, r.IDs, r.rate(), between.Round(time.Second)))
		}
	}
	return list
}

// revisit is the longest time between two visits of one id: each thread goes
// round all of them. 0 where no ids are visited or nothing was answered.
func revisit(threads int, r run) time.Duration {
	if r.rate() == 0 {
		return 0
	}
	perThread := r.rate() / float64(threads)
	return time.Duration(float64(r.IDs) / perThread * float64(time.Second))
}

// print writes the report for people.
func (r report) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n", r.Command)
	fmt.Fprintf(out, "%s, %s, %d cores, %s, %s, commit %s, fsync %.2f ms\n", r.Time.Format(time.DateTime+" MST"),
		r.Machine.CPU, r.Machine.Cores, r.Machine.System, r.Machine.Go, r.Machine.Commit, r.Machine.FsyncMS)
	fmt.Fprintf(out, "client %s, threads %d, rounds %d of %g s, medians (min..max), sessions %d, seed %d\n",
		r.Client, r.Setup.Threads, r.Setup.Rounds, r.Setup.Seconds, r.Setup.Sessions, r.Setup.Seed)
	r.printMeasure(out, refresh, fmt.Sprintf("refresh: GET /get/, %d connections", r.Setup.Connections))
	r.printMeasure(out, create, fmt.Sprintf("create: GET /set/ without a cookie, %d connections, durable when answered", r.Setup.CreateConnections))
	r.printCrashes(out)
	for _, note := range r.Notes {
		fmt.Fprintln(out, "note:", note)
	}
	r.printVerdict(out)
}

func (r report) printMeasure(out io.Writer, measure, title string) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range r.Summaries {
		if s.Measure != measure {
			continue
		}
		if title != "" {
			fmt.Fprintf(table, "\n%s\npeer\trequests/s\tp50 ms\tp99 ms\terrors\texpired\twrong\tcrashes\tbody bytes\tours is\n", title)
			title = ""
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\n", s.Peer,
			show(s.Rate, 0), show(s.P50, 2), show(s.P99, 2), s.Errors, s.Expired, s.Wrong, len(s.Crashes), s.Bytes, r.showRatio(s))
	}
	_ = table.Flush()
}

// show writes a spread, or a dash where there is no figure.
func show(s *spread, digits int) string {
	if s == nil {
		return "-"
	}
	return fmt.Sprintf("%.*f (%.*f..%.*f)", digits, s.Median, digits, s.Min, digits, s.Max)
}

// showRatio writes how many times a peer's rate ours is, and the floor.
func (r report) showRatio(s summary) string {
	for _, c := range r.Comparisons {
		if c.Measure != s.Measure || c.Peer != s.Peer {
			continue
		}
		switch {
		case c.Missed:
			return fmt.Sprintf("%.2f times, MISSED %g", c.Ratio, c.Floor)
		case c.Floor > 0:
			return fmt.Sprintf("%.2f times, floor %g", c.Ratio, c.Floor)
		default:
			return fmt.Sprintf("%.2f times", c.Ratio)
		}
	}
	return ""
}

func (r report) printCrashes(out io.Writer) {
	for _, s := range r.Summaries {
		for _, c := range s.Crashes {
			fmt.Fprintf(out, "%s %s crashed after %d requests, %.2f s: %s\n", s.Measure, s.Peer, c.After, c.Seconds, c.Cause)
		}
	}
}

// printVerdict ends the report with what was bad, what was not judged, or
// that all is well.
func (r report) printVerdict(out io.Writer) {
	bad := r.complaints()
	for _, line := range bad {
		fmt.Fprintln(out, "BAD:", line)
	}
	for _, f := range unjudged(floors(), r.Comparisons) {
		fmt.Fprintf(out, "not judged: %s at least %g times %s\n", f.measure, f.atLeast, f.peer)
	}
	if len(bad) == 0 && len(r.Comparisons) > 0 {
		fmt.Fprintln(out, "GOOD: every answer of ours was right, no floor was missed")
	}
}

// complaints are the reasons to leave with 1; a missed floor is one even
// where it only is reported.
func (r report) complaints() []string {
	var list []string
	for _, s := range r.Summaries {
		if s.Peer == ours && !s.flawless() {
			list = append(list, fmt.Sprintf("%s of ours had %d good answers, %d errors, %d expired, %d wrong, %d crashes",
				s.Measure, s.Good, s.Errors, s.Expired, s.Wrong, len(s.Crashes)))
		}
	}
	for _, c := range r.Comparisons {
		if c.Missed {
			list = append(list, fmt.Sprintf("%s is %.2f times %s, floor %g", c.Measure, c.Ratio, c.Peer, c.Floor))
		}
	}
	return list
}

// writeJSON writes the whole report; "" writes nothing.
func (r report) writeJSON(file string) error {
	if file == "" {
		return nil
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.WriteFile(file, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
