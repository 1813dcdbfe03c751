package main

import (
	"math"

	"github.com/go-analyze/charts"
)

// A lineChart is one or more lines over the same places on the x axis. The
// places are evenly spaced: decades (1,000, 10,000, ...) make a logarithmic
// axis, instants at a fixed interval a time axis.
type lineChart struct {
	chartFrame
	x          []string // one for each value
	xTitle     string
	yTitle     string // of the axis on the left
	rightTitle string // of the axis on the right; used by lines that are on it
	lines      []chartLine
	xLabels    int // how many of x are written; 0: as many as fit
}

// A chartLine is as long as x. NaN is a gap.
type chartLine struct {
	name   string
	values []float64
	right  bool // by the axis on the right
}

// lineChartHeight makes the plot about as high as half of its width.
const lineChartHeight = 440

// denseLine is from how many values on a line goes without dots.
const denseLine = 25

// writeLineChart draws lines into an SVG file. Axes begin at 0: a dip is to
// look as deep as it is.
func writeLineChart(file string, c lineChart) error {
	return writeChart(file, lineChartHeight, c.chartFrame, func(p *charts.Painter) error {
		return p.LineChart(c.options())
	})
}

func (c lineChart) options() charts.LineChartOption {
	values, names := make([][]float64, len(c.lines)), make([]string, len(c.lines))
	for i, line := range c.lines {
		values[i], names[i] = withGaps(line.values), line.name
	}
	opt := charts.NewLineChartOptionWithData(values)
	opt.Theme, opt.Padding, opt.LineStrokeWidth = chartTheme(), chartPadding, 2.5
	opt.Legend = charts.LegendOption{SeriesNames: names, FontStyle: chartFont(chartTextSize), Offset: charts.OffsetRight}
	opt.XAxis = charts.XAxisOption{
		Labels: c.x, Title: c.xTitle, LabelCount: c.xLabels,
		LabelFontStyle: chartFont(chartTextSize), TitleFontStyle: chartFont(chartTextSize),
	}
	opt.YAxis = []charts.YAxisOption{c.axis(c.yTitle, false)}
	if c.hasRight() {
		opt.YAxis = append(opt.YAxis, c.axis(c.rightTitle, true))
	}
	opt.Symbol.Shape = charts.SymbolCircle
	if len(c.x) >= denseLine {
		opt.Symbol.Shape = charts.SymbolNone
	}
	for i, line := range c.lines {
		if line.right {
			opt.SeriesList[i].YAxisIndex = 1
		}
	}
	return opt
}

// axis is for the lines on one side.
func (c lineChart) axis(title string, right bool) charts.YAxisOption {
	most := 0.0
	for _, line := range c.lines {
		for _, v := range line.values {
			if line.right == right && !math.IsNaN(v) {
				most = max(most, v)
			}
		}
	}
	return chartAxis(title, most)
}

func (c lineChart) hasRight() bool {
	for _, line := range c.lines {
		if line.right {
			return true
		}
	}
	return false
}

// withGaps copies values with the library's mark in the place of NaN.
func withGaps(values []float64) []float64 {
	copied := make([]float64, len(values))
	for i, v := range values {
		if copied[i] = v; math.IsNaN(v) {
			copied[i] = charts.GetNullValue()
		}
	}
	return copied
}
