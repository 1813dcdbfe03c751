package report

import (
	"path/filepath"

	"github.com/go-analyze/charts"
)

// Lines is one or more lines over the subjects of a measure. These are evenly
// spaced: decades (1,000, 10,000, ...) make a logarithmic axis, instants at a
// fixed interval a time axis.
type Lines struct {
	Frame
	Measure    string
	XTitle     string
	YTitle     string // of the axis on the left
	RightTitle string // of the axis on the right; used by lines that are on it
	Lines      []Line
}

// A Line is the medians of a figure. What is unknown is a gap.
type Line struct {
	Name   string
	Figure string
	Unit   float64 // values are divided by it; 0: as they are
	Right  bool    // by the axis on the right
}

// OverTime is the memory and the file at each moment of a measure.
func OverTime(frame Frame, measure string) Lines {
	return Lines{Frame: frame, Measure: measure, XTitle: "seconds", YTitle: "MiB", Lines: []Line{
		{Name: "memory", Figure: Memory, Unit: MiB}, {Name: "file", Figure: File, Unit: MiB},
	}}
}

const (
	lineChartHeight = 440 // makes the plot about as high as half of its width
	denseLine       = 25  // from how many values on a line goes without dots
	denseLabels     = 13  // how many of those have a label
)

// draw draws the lines. Axes begin at 0: a dip is to look as deep as it is.
func (l Lines) draw(r *Report, dir string) error {
	return writeChart(filepath.Join(dir, l.File), lineChartHeight, l.Title, l.subtitle(r), func(p *charts.Painter) error {
		return p.LineChart(l.options(r))
	})
}

func (l Lines) options(r *Report) charts.LineChartOption {
	x, values, most := l.values(r)
	var names []string
	for _, line := range l.Lines {
		names = append(names, line.Name)
	}
	opt := charts.NewLineChartOptionWithData(values)
	opt.Theme, opt.Padding, opt.LineStrokeWidth = chartTheme(), noPadding(), 2.5
	opt.Legend = charts.LegendOption{SeriesNames: names, FontStyle: chartFont(chartTextSize), Offset: charts.OffsetRight}
	opt.XAxis = charts.XAxisOption{
		Labels: x, Title: l.XTitle, LabelFontStyle: chartFont(chartTextSize), TitleFontStyle: chartFont(chartTextSize),
	}
	opt.YAxis = []charts.YAxisOption{chartAxis(l.YTitle, most[false])}
	if l.RightTitle != "" {
		opt.YAxis = append(opt.YAxis, chartAxis(l.RightTitle, most[true]))
	}
	opt.Symbol.Shape = charts.SymbolCircle
	if len(x) >= denseLine {
		opt.Symbol.Shape, opt.XAxis.LabelCount = charts.SymbolNone, denseLabels
	}
	for i, line := range l.Lines {
		if line.Right {
			opt.SeriesList[i].YAxisIndex = 1
		}
	}
	return opt
}

// values are the subjects, the values of each line, and the most on the axis to
// the right (true) and to the left.
func (l Lines) values(r *Report) (x []string, values [][]float64, most map[bool]float64) {
	values, most = make([][]float64, len(l.Lines)), map[bool]float64{}
	for _, s := range r.Summaries {
		if s.Measure != l.Measure {
			continue
		}
		x = append(x, s.Subject)
		for i, line := range l.Lines {
			spread, ok := s.Spreads[line.Figure]
			if !ok {
				values[i] = append(values[i], charts.GetNullValue())
				continue
			}
			v := spread.by(line.Unit).Median
			values[i] = append(values[i], v)
			most[line.Right] = max(most[line.Right], v)
		}
	}
	return x, values, most
}
