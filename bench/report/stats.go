// Package report turns measurements into tables, charts, JSON and a verdict.
package report

import (
	"fmt"
	"math"
	"slices"
)

// A Spread is a median and its extremes.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	N      int     `json:"n"`
}

// SpreadOf returns the spread of one or more values, none of them NaN.
func SpreadOf(values []float64) Spread {
	return Spread{Median: Median(values), Min: slices.Min(values), Max: slices.Max(values), N: len(values)}
}

// Show writes the median, with the extremes where there are several values.
func (s Spread) Show(digits int) string {
	text := fmt.Sprintf("%.*f", digits, s.Median)
	if s.N > 1 {
		text += fmt.Sprintf(" (%.*f..%.*f)", digits, s.Min, digits, s.Max)
	}
	return text
}

// by divides all of it.
func (s Spread) by(unit float64) Spread {
	if unit != 0 {
		s.Median, s.Min, s.Max = s.Median/unit, s.Min/unit, s.Max/unit
	}
	return s
}

// Median returns the middle value or the mean of the middle two; 0 of nothing.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// Ratio returns a / b; ok is false where that says nothing.
func Ratio(a, b float64) (r float64, ok bool) {
	if a <= 0 || b <= 0 || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return 0, false
	}
	return a / b, true
}

// MiB is the unit of sizes in tables and charts.
const MiB = 1 << 20

// Grown says by how much a series' second half is above its first, "" where that is
// within atMost times and slack.
func Grown(what string, values []float64, atMost, slack float64) string {
	half := len(values) / 2
	if half == 0 {
		return ""
	}
	first, second := slices.Max(values[:half]), slices.Max(values[half:])
	if second <= first*atMost+slack {
		return ""
	}
	unit, name := 1.0, ""
	if first > MiB {
		unit, name = MiB, " MiB"
	}
	return fmt.Sprintf("%s grew: at most %.4g%s in the first half, %.4g%s in the second, allowed %g times", what, first/unit, name, second/unit, name, atMost)
}
