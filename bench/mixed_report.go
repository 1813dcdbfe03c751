package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// What may grow under a mixed load, the second half against the first. A
// deleted session leaves a tombstone of some 100 bytes for ten minutes, in
// memory and in the file, so for that long both do grow with the deletions;
// and both grow in steps, which the slack is for.
const (
	mixedFlat  = 1.25
	mixedSlack = 16 << 20
)

// fileSlack is how many descriptors and threads more the second half may have.
const fileSlack = 16

// A mixedReport is what `go run ./bench mixed` found.
type mixedReport struct {
	heading
	Sessions    int          `json:"sessions"`
	Connections int          `json:"connections"`
	Seed        uint64       `json:"seed"`
	Seconds     float64      `json:"seconds"`
	Kinds       []mixedTally `json:"kinds"`
	Overdue     int64        `json:"overdue"` // expired since nobody visited them in time
	FirstWrong  string       `json:"first_wrong,omitempty"`
	Deleted     int          `json:"deleted"`
	Checked     int          `json:"checked"` // of those that would live, after a kill -9 and a start
	Revived     int          `json:"revived"` // of those
	Crash       string       `json:"crash,omitempty"`
	Samples     []sample     `json:"samples"`
}

// A mixedTally is one kind of request.
type mixedTally struct {
	Kind    string   `json:"kind"`
	Good    int64    `json:"good"`
	Wrong   int64    `json:"wrong"`
	Errors  int64    `json:"errors"`
	Latency *latency `json:"latency,omitempty"`
}

func newMixedReport(h heading, opt mixedOptions) mixedReport {
	return mixedReport{heading: h, Sessions: opt.sessions, Connections: opt.connections, Seed: opt.seed}
}

// tell adds up what the workers counted.
func (r *mixedReport) tell(workers []*mixedWorker) {
	for k := range kinds {
		sum := mixedTally{Kind: k.String()}
		times := newHistogram()
		for _, w := range workers {
			t := w.tallies[k]
			sum.Good, sum.Wrong, sum.Errors = sum.Good+t.good, sum.Wrong+t.wrong, sum.Errors+t.errors
			times.Merge(t.times)
		}
		if sum.Good > 0 {
			sum.Latency = percentiles(times)
		}
		r.Kinds = append(r.Kinds, sum)
	}
	for _, w := range workers {
		r.Overdue += w.overdue
		r.Deleted += w.deleted
		r.FirstWrong = firstOf(r.FirstWrong, w.first)
	}
}

func (r mixedReport) complaints() []string {
	if r.Crash != "" {
		return []string{"the server crashed: " + r.Crash}
	}
	var list []string
	for _, k := range r.Kinds {
		if k.Wrong+k.Errors > 0 || k.Good == 0 {
			list = append(list, fmt.Sprintf("%s: %d good, %d wrong, %d errors", k.Kind, k.Good, k.Wrong, k.Errors))
		}
	}
	if r.FirstWrong != "" {
		list = append(list, "the first wrong answer was "+r.FirstWrong)
	}
	if r.Deleted > 0 && r.Checked == 0 {
		list = append(list, "the start after the kill -9 took so long that no deleted session could be told from one whose time ran out")
	}
	if r.Revived > 0 {
		list = append(list, fmt.Sprintf("%d of %d deleted sessions live again after a kill -9 and a start", r.Revived, r.Checked))
	}
	return append(list, r.growthComplaints()...)
}

func (r mixedReport) growthComplaints() []string {
	var list []string
	for _, what := range []struct {
		name          string
		atMost, slack float64
		figure        func(sample) float64
	}{
		{"memory", mixedFlat, mixedSlack, func(s sample) float64 { return float64(s.RSS) }},
		{"the file", mixedFlat, mixedSlack, func(s sample) float64 { return float64(s.File) }},
	} {
		if bad := grown(what.name, column(r.Samples, what.figure), what.atMost, what.slack); bad != "" {
			list = append(list, bad)
		}
	}
	for name, figure := range map[string]func(sample) float64{
		"threads":    func(s sample) float64 { return float64(s.Threads) },
		"open files": func(s sample) float64 { return float64(s.Files) },
	} {
		if f, ok := flat(column(r.Samples, figure), 1, fileSlack); !ok {
			list = append(list, fmt.Sprintf("%s grew: at most %g in the first half, %g in the second", name, f.First, f.Second))
		}
	}
	return list
}

func (r mixedReport) print(out io.Writer) {
	r.heading.print(out)
	fmt.Fprintf(out, "%d connections, %.0f s, %d sessions at the start, seed %d\n\n", r.Connections, r.Seconds, r.Sessions, r.Seed)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "kind\tgood\t/s\tp50 ms\tp99 ms\tp99.9 ms\tmax ms\twrong\terrors")
	for _, k := range r.Kinds {
		l := k.Latency
		if l == nil {
			l = &latency{}
		}
		fmt.Fprintf(table, "%s\t%d\t%.0f\t%.2f\t%.2f\t%.2f\t%.2f\t%d\t%d\n", k.Kind, k.Good, float64(k.Good)/r.Seconds,
			l.P50, l.P99, l.P999, l.Max, k.Wrong, k.Errors)
	}
	_ = table.Flush()
	fmt.Fprintf(out, "\n%d sessions expired because nobody visited them for %s; %d were deleted; %d of those, which would have lived on, were looked at after a kill -9 and a start, %d live\n",
		r.Overdue, idleTimeout, r.Deleted, r.Checked, r.Revived)
	r.printSeries(out)
}

// printSeries shows some twenty of the samples.
func (r mixedReport) printSeries(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nsecond\tmemory MiB\tfile MiB\tthreads\topen files")
	step := max(1, len(r.Samples)/20)
	for i := 0; i < len(r.Samples); i += step {
		s := r.Samples[i]
		fmt.Fprintf(table, "%.0f\t%.1f\t%.1f\t%d\t%d\n", s.Second, float64(s.RSS)/(1<<20), float64(s.File)/(1<<20), s.Threads, s.Files)
	}
	_ = table.Flush()
}
