package main

import (
	"math"
	"slices"
)

// A spread is a median with what it is the median of: a ratio of medians is
// only worth something where min and max are near.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// spreadOf returns the spread of some values; NaN has no place among them.
// ok is false without a value.
func spreadOf(values []float64) (s spread, ok bool) {
	if len(values) == 0 {
		return spread{}, false
	}
	return spread{Median: median(values), Min: slices.Min(values), Max: slices.Max(values)}, true
}

// median returns the middle value, the mean of the two middle ones where
// there are two, and 0 of nothing. It leaves values as they are.
func median(values []float64) float64 {
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

// ratio returns a / b; ok is false where that says nothing.
func ratio(a, b float64) (r float64, ok bool) {
	if a <= 0 || b <= 0 || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return 0, false
	}
	return a / b, true
}
