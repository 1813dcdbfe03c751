package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-analyze/charts"
)

// Bars is one horizontal bar for each subject of a measure that has the figure,
// the first on top, with the spread and the ratio written behind it.
type Bars struct {
	Frame
	Measure   string
	Figure    string
	Unit      string // of the values, under their axis
	Highlight string // the subject in colour; the others are grey. "": all
}

// A bar is a value with its label.
type bar struct {
	name, label string
	value       float64
	color       charts.Color
}

// draw draws the bars. Without any it removes the file: an earlier run's would
// lie beside this report.
func (b Bars) draw(r *Report, dir string) error {
	file, bars := filepath.Join(dir, b.File), b.bars(r)
	if len(bars) == 0 {
		_ = os.Remove(file)
		return nil
	}
	return writeChart(file, 130+38*len(bars), b.Title, b.subtitle(r), func(p *charts.Painter) error {
		return p.BarChart(barOptions(bars, b.Unit))
	})
}

func (b Bars) bars(r *Report) []bar {
	var list []bar
	for _, s := range r.Summaries {
		spread, ok := s.Spreads[b.Figure]
		if s.Measure != b.Measure || !ok {
			continue
		}
		next := bar{name: s.Subject, value: spread.Median, label: spread.label(), color: charts.ColorFromHex("#a9b0b7")}
		if b.Highlight == "" || b.Highlight == s.Subject {
			next.color = chartColors()[0]
		}
		for _, c := range r.Comparisons {
			if c.Measure == b.Measure && c.Subject == s.Subject && c.Figure == b.Figure {
				next.label += fmt.Sprintf(" ours: %.2f times", c.Ratio)
			}
		}
		list = append(list, next)
	}
	return list
}

func (s Spread) label() string {
	if s.N < 2 {
		return Number(s.Median)
	}
	return fmt.Sprintf("%s (%s..%s)", Number(s.Median), Number(s.Min), Number(s.Max))
}

// barOptions stacks a series for each bar, for only a series has a colour and a
// label of its own; in the places of the others it has nothing.
func barOptions(bars []bar, unit string) charts.BarChartOption {
	values, names := make([][]float64, len(bars)), make([]string, len(bars))
	colors, most := make([]charts.Color, len(bars)), 0.0
	slices.Reverse(bars) // the library begins at the bottom
	for i, b := range bars {
		values[i] = make([]float64, len(bars))
		values[i][i], names[i], colors[i] = b.value, b.name, b.color
		most = max(most, b.value)
	}
	opt := charts.NewBarChartOptionWithData(values)
	opt.Theme = chartTheme().WithSeriesColors(colors)
	opt.Horizontal, opt.StackSeries, opt.Padding, opt.BarSize = true, charts.Ptr(true), noPadding(), 0.7
	opt.Legend.Show = charts.Ptr(false)
	opt.CategoryAxis = charts.CategoryAxisOption{Labels: names, LabelFontStyle: chartFont(chartTextSize)}
	opt.ValueAxis = []charts.ValueAxisOption{chartAxis(unit, most*1.5)} // room for the labels
	for i := range opt.SeriesList {
		opt.SeriesList[i].Label = charts.SeriesLabel{
			Show: charts.Ptr(true), FontStyle: chartFont(chartTextSize), LabelFormatter: bars[i].labelOnce(),
		}
	}
	return opt
}

// labelOnce writes behind the bar, not in the places of the others.
func (b bar) labelOnce() charts.SeriesLabelFormatter {
	return func(_ int, _ string, value float64) (string, *charts.LabelStyle) {
		if value == 0 {
			return "", nil
		}
		return b.label, nil
	}
}
