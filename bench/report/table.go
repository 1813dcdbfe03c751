package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A Table shows the summaries of a measure, one a line.
type Table struct {
	Title   string
	Measure string
	Subject string // what a line is: the heading of the first column
	Columns []Column
	Lines   int // about how many are shown of a long series; 0: all
}

// A Column is a figure of each line, or something else.
type Column struct {
	Title  string
	Figure string
	Digits int
	Unit   float64              // the figure is divided by it; 0: as it is
	Text   func(Summary) string // in place of the figure
	Ratio  string               // a figure whose comparison is shown in place of a figure
}

// Latencies are the columns of what an answer took.
func Latencies() []Column {
	return []Column{{Title: "p50 ms", Figure: P50, Digits: 2}, {Title: "p99 ms", Figure: P99, Digits: 2}, {Title: "p99.9 ms", Figure: P999, Digits: 2}}
}

// Verdicts are the columns that count answers.
func Verdicts() []Column {
	count := func(of func(Summary) int64) func(Summary) string {
		return func(s Summary) string { return fmt.Sprint(of(s)) }
	}
	return []Column{
		{Title: "errors", Text: count(func(s Summary) int64 { return s.Counts.Errors })},
		{Title: "expired", Text: count(func(s Summary) int64 { return s.Counts.Expired })},
		{Title: "wrong", Text: count(func(s Summary) int64 { return s.Counts.Wrong })},
		{Title: "crashes", Text: count(func(s Summary) int64 { return int64(len(s.Crashes)) })},
	}
}

// print leaves out a table without a line.
func (t Table) print(out io.Writer, r *Report) {
	var lines []Summary
	for _, s := range r.Summaries {
		if s.Measure == t.Measure {
			lines = append(lines, s)
		}
	}
	if len(lines) == 0 {
		return
	}
	step := max(1, len(lines)/cmp.Or(t.Lines, len(lines)))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "\n%s\n", t.Title)
	fmt.Fprintln(table, t.line(t.Subject, func(c Column) string { return c.Title }))
	for i := 0; i < len(lines); i += step {
		fmt.Fprintln(table, t.line(lines[i].Subject, func(c Column) string { return c.cell(lines[i], r) }))
	}
	_ = table.Flush()
}

func (t Table) line(first string, cell func(Column) string) string {
	cells := []string{first}
	for _, c := range t.Columns {
		cells = append(cells, cell(c))
	}
	return strings.Join(cells, "\t")
}

// cell writes a dash where the figure is unknown.
func (c Column) cell(s Summary, r *Report) string {
	switch {
	case c.Text != nil:
		return c.Text(s)
	case c.Ratio != "":
		if found, ok := r.comparison(s.Measure, s.Subject, c.Ratio); ok {
			return found.verdict()
		}
		return ""
	}
	if spread, ok := s.Spreads[c.Figure]; ok {
		return spread.by(c.Unit).Show(fixed(c.Digits))
	}
	return "-"
}
