package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-analyze/charts"
)

// A Chart draws a measure as SVG: lines over its subjects, or a bar for each of them.
type Chart struct {
	File     string // its name, with .svg
	Title    string
	Subtitle string // how it was measured; draw adds the machine
	Measure  string
	XTitle   string
	YTitles  []string // of the left axis and, if there is one, of the right axis
	Lines    []Line
	Bars     bool // draws the only line as horizontal bars, labelled with the spread
}

// A Line shows the medians of a figure. An unknown one is a gap.
type Line struct {
	Name   string
	Figure string
	Unit   float64 // divides the values; 0 leaves them as they are
	Right  bool    // uses the right axis
}

// OverTime returns a chart of memory and file at each second of a measure.
func OverTime(file, title, subtitle, measure string) Chart {
	return Chart{File: file, Title: title, Subtitle: subtitle, Measure: measure, XTitle: "seconds", YTitles: []string{"MiB"}, Lines: []Line{
		{Name: "memory", Figure: Memory, Unit: MiB}, {Name: "file", Figure: File, Unit: MiB},
	}}
}

// Sizes in pixels. A line with more than denseLine values is drawn without dots.
const (
	chartWidth      = 860
	lineChartHeight = 440
	barHeight       = 38
	denseLine       = 25
)

// draw writes the chart into a folder. Without a subject it removes the chart of an
// earlier run.
func (c Chart) draw(r *Report, dir string) error {
	file, sums := filepath.Join(dir, c.File), c.summaries(r)
	if len(sums) == 0 {
		_ = os.Remove(file)
		return nil
	}
	height, draw := lineChartHeight, c.lines
	if c.Bars {
		height, draw = barHeight*(len(sums)+4), c.bars
	}
	painter := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: chartWidth, Height: height})
	if err := draw(painter, r, sums); err != nil {
		return fmt.Errorf("draw %s: %w", file, err)
	}
	data, err := painter.Bytes()
	if err != nil {
		return fmt.Errorf("draw %s: %w", file, err)
	}
	return writeFile(file, data)
}

// summaries returns those of the measure; for bars, those that have the figure.
func (c Chart) summaries(r *Report) []Summary {
	return slices.DeleteFunc(slices.Clone(r.Summaries), func(s Summary) bool {
		_, known := s.Spreads[c.Lines[0].Figure]
		return s.Measure != c.Measure || c.Bars && !known
	})
}

// values returns the subjects and the values of each line.
func (c Chart) values(sums []Summary) (subjects []string, values [][]float64) {
	values = make([][]float64, len(c.Lines))
	for _, s := range sums {
		subjects = append(subjects, s.Subject)
		for i, line := range c.Lines {
			v := charts.GetNullValue()
			if spread, ok := s.Spreads[line.Figure]; ok {
				v = spread.by(line.Unit).Median
			}
			values[i] = append(values[i], v)
		}
	}
	return subjects, values
}

// axes begin at 0, so that a dip looks as deep as it is.
func (c Chart) axes() []charts.YAxisOption {
	var axes []charts.YAxisOption
	for _, title := range c.YTitles {
		axes = append(axes, charts.YAxisOption{Title: title, Min: charts.Ptr(0.0), ValueFormatter: Number})
	}
	return axes
}

func (c Chart) title(r *Report) charts.TitleOption {
	return charts.TitleOption{Text: c.Title, Subtext: fmt.Sprintf("%s, %s, %d cores, commit %s", c.Subtitle, r.Machine.CPU, r.Machine.Cores, r.Machine.Commit)}
}

func (c Chart) lines(p *charts.Painter, r *Report, sums []Summary) error {
	subjects, values := c.values(sums)
	opt := charts.NewLineChartOptionWithData(values)
	opt.Title, opt.Legend.Offset = c.title(r), charts.OffsetRight
	opt.XAxis, opt.YAxis = charts.XAxisOption{Labels: subjects, Title: c.XTitle}, c.axes()
	if len(subjects) > denseLine {
		opt.Symbol.Shape = charts.SymbolNone
	}
	for i, line := range c.Lines {
		opt.Legend.SeriesNames = append(opt.Legend.SeriesNames, line.Name)
		if line.Right {
			opt.SeriesList[i].YAxisIndex = 1
		}
	}
	return p.LineChart(opt)
}

// bars stacks a series for each bar, because the library labels each series by itself.
func (c Chart) bars(p *charts.Painter, r *Report, sums []Summary) error {
	slices.Reverse(sums) // the library starts at the bottom
	subjects, values := c.values(sums)
	stacked := make([][]float64, len(sums))
	for i, v := range values[0] {
		stacked[i] = make([]float64, len(sums))
		stacked[i][i] = v
	}
	opt := charts.NewBarChartOptionWithData(stacked)
	opt.Title, opt.Horizontal, opt.StackSeries = c.title(r), true, charts.Ptr(true)
	opt.Legend.Show = charts.Ptr(false)
	opt.CategoryAxis.Labels, opt.ValueAxis = subjects, c.axes()
	opt.ValueAxis[0].Max, opt.ValueAxis[0].LabelCount = charts.Ptr(slices.Max(values[0])*1.6), 5 // room for the labels
	for i := range opt.SeriesList {
		opt.SeriesList[i].Label = charts.SeriesLabel{Show: charts.Ptr(true), LabelFormatter: func(_ int, _ string, value float64) (string, *charts.LabelStyle) {
			if value == 0 {
				return "", nil
			}
			return c.label(r, sums[i]), nil
		}}
	}
	return p.BarChart(opt)
}

// label returns the spread, and the ratio where there is one.
func (c Chart) label(r *Report, s Summary) string {
	text := s.Spreads[c.Lines[0].Figure].Show(Number)
	if found, ok := r.comparison(s.Measure, s.Subject, c.Lines[0].Figure); ok {
		text += fmt.Sprintf(", ours/peer %.2f", found.Ratio)
	}
	return text
}

// Number writes 72314.4 as 72,314, and values below 100 with three digits.
func Number(value float64) string {
	switch {
	case value < 0:
		return "-" + Number(-value)
	case value < 10:
		return strconv.FormatFloat(value, 'g', 3, 64)
	case value < 100:
		return strings.TrimSuffix(strconv.FormatFloat(value, 'f', 1, 64), ".0")
	}
	return charts.FormatValueHumanize(value, 0, false)
}
