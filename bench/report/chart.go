package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-analyze/charts"
)

// Charts are SVG: text in a repository, sharp at any size, and readable on a
// light and on a dark page because they bring their own light background.
const chartWidth = 860

// Sizes of the text in charts, in points: readable in a README, where the
// picture is shown at about its own size.
const (
	chartTitleSize = 15.0
	chartTextSize  = 11.0
)

// chartColors are told apart by people who are colour-blind too (Okabe and
// Ito's palette, without its yellow, which is lost on white).
func chartColors() []charts.Color {
	return []charts.Color{
		charts.ColorFromHex("#0072b2"), charts.ColorFromHex("#d55e00"), charts.ColorFromHex("#009e73"),
		charts.ColorFromHex("#cc79a7"), charts.ColorFromHex("#e69f00"), charts.ColorFromHex("#56b4e9"),
	}
}

func chartTheme() charts.ColorPalette {
	return charts.GetTheme(charts.ThemeLight).WithSeriesColors(chartColors()).
		WithBackgroundColor(charts.ColorWhite).WithTextColor(chartTextColor())
}

func chartTextColor() charts.Color { return charts.ColorFromHex("#222222") }

func chartFont(size float64) charts.FontStyle {
	return charts.FontStyle{FontSize: size, FontColor: chartTextColor(), Font: charts.GetDefaultFont()}
}

// noPadding is around the plot: the frame has the margins.
func noPadding() charts.Box { return charts.NewBox(0, 0, 0, 0) }

// A Chart is drawn from a report.
type Chart interface {
	draw(r *Report, dir string) error
}

// A Frame is what every chart has around it.
type Frame struct {
	File     string // its name, with .svg
	Title    string
	Subtitle string // in smaller letters under it: what was done; the machine is added
}

func (f Frame) subtitle(r *Report) string {
	return fmt.Sprintf("%s, %s, %d cores, commit %s", f.Subtitle, r.Machine.CPU, r.Machine.Cores, r.Machine.Commit)
}

// Where a chart's parts are, in pixels.
const (
	chartMargin      = 20
	chartTitleY      = 34 // the line that letters stand on
	chartSubtitleY   = 56
	chartPlotY       = 72
	chartBottomSpace = 12
)

// writeChart lets draw fill the space under the titles and writes it all as
// SVG. The folder is made where it is missing.
func writeChart(file string, height int, title, subtitle string, draw func(*charts.Painter) error) error {
	painter := charts.NewPainter(charts.PainterOptions{
		OutputFormat: charts.ChartOutputSVG, Width: chartWidth, Height: height, Theme: chartTheme(),
	})
	painter.FilledRect(0, 0, chartWidth, height, charts.ColorWhite, charts.ColorWhite, 0)
	painter.Text(title, chartMargin, chartTitleY, 0, chartFont(chartTitleSize))
	painter.Text(subtitle, chartMargin, chartSubtitleY, 0, chartFont(chartTextSize))
	plot := painter.Child(charts.PainterPaddingOption(charts.NewBox(chartMargin, chartPlotY, chartMargin, chartBottomSpace)))
	if err := draw(plot); err != nil {
		return fmt.Errorf("draw %s: %w", file, err)
	}
	data, err := painter.Bytes()
	if err != nil {
		return fmt.Errorf("draw %s: %w", file, err)
	}
	return writeFile(file, data)
}

// chartAxis begins at 0 and ends at a round value, with round steps, where
// most is on it.
func chartAxis(title string, most float64) charts.ValueAxisOption {
	step, steps := roundSteps(most)
	return charts.ValueAxisOption{
		Title: title, Min: charts.Ptr(0.0), Max: charts.Ptr(step * float64(steps)), LabelCount: steps + 1,
		LabelFontStyle: chartFont(chartTextSize), TitleFontStyle: chartFont(chartTextSize), ValueFormatter: Number,
	}
}

// roundSteps returns four to ten steps of 1, 2 or 5 times a power of ten that
// reach most; nothing is reached by one.
func roundSteps(most float64) (step float64, steps int) {
	if most <= 0 || math.IsInf(most, 0) {
		return 1, 1
	}
	power := math.Pow(10, math.Floor(math.Log10(most))-1)
	for _, factor := range []float64{1, 2, 5, 10, 20} {
		if step = factor * power; most <= 8*step {
			break
		}
	}
	return step, int(math.Ceil(most/step - 1e-9))
}

// Number writes 72314.4 as 72,314, and keeps the digits of what is small.
func Number(value float64) string {
	switch {
	case value < 0:
		return "-" + Number(-value)
	case value < 10:
		return strconv.FormatFloat(value, 'g', 3, 64)
	case value < 100:
		return strings.TrimSuffix(strconv.FormatFloat(value, 'f', 1, 64), ".0")
	}
	text := strconv.FormatFloat(value, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
