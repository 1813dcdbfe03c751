package main

import (
	"fmt"
	"slices"

	"github.com/go-analyze/charts"
)

// A barChart is one bar for each value, the first on top, with the spread
// written behind it. A value of 0 has no bar and no label.
type barChart struct {
	chartFrame
	unit string // of the values, under their axis
	bars []bar
}

// A bar is a value with its name. Min and max are written behind it; both 0:
// the value alone.
type bar struct {
	name       string
	value      float64
	min, max   float64
	note       string // behind the figures
	highlights bool   // in the first colour; the others are grey
}

// bar colours: what the chart is about, and what it is compared with.
var (
	barColor     = chartColors[0]
	barGrayColor = charts.ColorFromHex("#a9b0b7")
)

// writeBarChart draws horizontal bars into an SVG file.
func writeBarChart(file string, c barChart) error {
	return writeChart(file, 130+38*len(c.bars), c.chartFrame, func(p *charts.Painter) error {
		return p.BarChart(c.options())
	})
}

// options stacks a series for each bar, for only a series has a colour and a
// label of its own; in the places of the others it has nothing.
func (c barChart) options() charts.BarChartOption {
	values, names := make([][]float64, len(c.bars)), make([]string, len(c.bars))
	colors, most := make([]charts.Color, len(c.bars)), 0.0
	bars := slices.Clone(c.bars)
	slices.Reverse(bars) // the library begins at the bottom
	for i, b := range bars {
		values[i] = slices.Repeat([]float64{0}, len(c.bars))
		values[i][i], names[i], colors[i] = b.value, b.name, b.color()
		most = max(most, b.value)
	}
	opt := charts.NewBarChartOptionWithData(values)
	opt.Theme = chartTheme().WithSeriesColors(colors)
	opt.Horizontal, opt.StackSeries, opt.Padding, opt.BarSize = true, charts.Ptr(true), chartPadding, 0.7
	opt.Legend.Show = charts.Ptr(false)
	opt.CategoryAxis = charts.CategoryAxisOption{Labels: names, LabelFontStyle: chartFont(chartTextSize)}
	opt.ValueAxis = []charts.ValueAxisOption{chartAxis(c.unit, most*1.5)} // room for the labels
	for i := range opt.SeriesList {
		opt.SeriesList[i].Label = charts.SeriesLabel{
			Show: charts.Ptr(true), FontStyle: chartFont(chartTextSize), LabelFormatter: bars[i].labelOnce(),
		}
	}
	return opt
}

func (b bar) color() charts.Color {
	if b.highlights {
		return barColor
	}
	return barGrayColor
}

// labelOnce writes behind the bar, not in the places of the others.
func (b bar) labelOnce() charts.SeriesLabelFormatter {
	return func(_ int, _ string, value float64) (string, *charts.LabelStyle) {
		if value == 0 {
			return "", nil
		}
		return b.label(), nil
	}
}

func (b bar) label() string {
	text := chartNumber(b.value)
	if b.min != 0 || b.max != 0 {
		text += fmt.Sprintf(" (%s..%s)", chartNumber(b.min), chartNumber(b.max))
	}
	if b.note != "" {
		text += " " + b.note
	}
	return text
}
