package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A Table shows the summaries of a measure, one in each line.
type Table struct {
	Title   string
	Measure string
	Subject string // heading of the first column
	Columns []Column
	Lines   int // about how many lines of a long series are shown; 0 shows all
}

// A Column shows a figure, a text or a comparison of each line.
type Column struct {
	Title  string
	Figure string
	Digits int
	Unit   float64              // divides the figure; 0 leaves it as it is
	Text   func(Summary) string // shown in place of the figure
	Ratio  string               // a figure; its comparison is shown
}

// Latencies returns the columns of latencies.
func Latencies() []Column {
	return []Column{{Title: "p50 ms", Figure: P50, Digits: 2}, {Title: "p99 ms", Figure: P99, Digits: 2}, {Title: "p99.9 ms", Figure: P999, Digits: 2}}
}

// Verdicts returns the columns that count bad answers and crashes.
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

// print writes the table, unless it has no lines.
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

// cell returns the text of a cell, a dash where the figure is unknown.
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
