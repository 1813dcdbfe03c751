package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-analyze/charts"
)

// drawn writes a chart and returns its text; the SVG has to be whole.
func drawn(t *testing.T, write func(file string) error) string {
	t.Helper()
	dir := t.TempDir()
	if keep := os.Getenv("PAGESESSION_BENCH_CHARTS"); keep != "" {
		dir = keep // to look at them
	}
	file := filepath.Join(dir, "new", strings.ReplaceAll(t.Name(), "/", "_")+".svg")
	if err := write(file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(strings.NewReader(string(data)))
	var text strings.Builder
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		if err != nil {
			t.Fatalf("the SVG is broken: %v", err)
		}
		if chars, ok := token.(xml.CharData); ok {
			text.Write(chars)
			text.WriteString("\n")
		}
	}
}

func wantTexts(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if strings.Count(text, want+"\n") != 1 {
			t.Errorf("the chart says %q %d times; want once:\n%s", want, strings.Count(text, want+"\n"), text)
		}
	}
}

func TestWriteBarChart(t *testing.T) {
	text := drawn(t, func(file string) error {
		return writeBarChart(file, barChart{
			chartFrame: chartFrame{"Session refresh: GET /get/", "64 connections, medians of 5 rounds (min..max)"},
			unit:       "requests/s",
			bars: []bar{
				{name: "ours", value: 72314, min: 56281, max: 75579, highlights: true},
				{name: "page", value: 37755, min: 36387, max: 39768, note: "1.92 times"},
				{name: "memory", value: 21708}, {name: "redis", value: 6100, min: 6000, max: 6200}, {name: "stock", value: 0},
			},
		})
	})
	wantTexts(t, text, "ours", "page", "72,314 (56,281..75,579)", "37,755 (36,387..39,768) 1.92 times", "21,708", "requests/s")
}

func TestWriteLineChart_Decades(t *testing.T) {
	text := drawn(t, func(file string) error {
		return writeLineChart(file, lineChart{
			chartFrame: chartFrame{"Live sessions", "both in one chart"}, xTitle: "live sessions", yTitle: "requests/s", rightTitle: "MB",
			x: []string{"1,000", "10,000", "100,000", "1,000,000"},
			lines: []chartLine{
				{name: "requests/s", values: []float64{72000, 71500, 70900, 70100}},
				{name: "memory", values: []float64{21, 24, 45, 260}, right: true},
			},
		})
	})
	wantTexts(t, text, "1,000,000", "both in one chart", "memory", "live sessions", "MB")
}

func TestWriteLineChart_Time(t *testing.T) {
	x, values := make([]string, 100), make([]float64, 100)
	for i := range x {
		x[i], values[i] = chartNumber(float64(i)), 100*math.Sin(float64(i)/31.6)
	}
	values[50] = math.NaN()
	text := drawn(t, func(file string) error {
		return writeLineChart(file, lineChart{chartFrame: chartFrame{title: "Flood"}, x: x, xTitle: "seconds", lines: []chartLine{{name: "file MB", values: values}}, xLabels: 10})
	})
	wantTexts(t, text, "Flood", "seconds", "file MB")
	if strings.Contains(text, "NaN") {
		t.Errorf("the chart shows a gap as NaN:\n%s", text)
	}
}

func TestWriteChart_NoPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := writeBarChart(filepath.Join(file, "x.svg"), barChart{bars: []bar{{name: "a", value: 1}}})
	if err == nil || !strings.Contains(err.Error(), "write results") {
		t.Errorf("writeBarChart into a file's folder: %v; want an error", err)
	}
}

func TestChartNumber(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0", 0.25: "0.25", 1.234: "1.23", 9.999: "10", 12: "12", 12.34: "12.3", 999.6: "1,000",
		72314.4: "72,314", 1e6: "1,000,000", 123456789: "123,456,789", -1500: "-1,500",
	} {
		if got := chartNumber(value); got != want {
			t.Errorf("chartNumber(%v) = %q; want %q", value, got, want)
		}
	}
}

func TestRoundSteps(t *testing.T) {
	for most, want := range map[float64][2]float64{
		0: {1, 1}, 1: {0.2, 5}, 8: {1, 8}, 9: {2, 5}, 79: {10, 8}, 100: {20, 5}, 72314: {10000, 8}, 101240: {20000, 6}, 0.03: {0.005, 6},
	} {
		step, steps := roundSteps(most)
		if math.Abs(step-want[0]) > 1e-9 || float64(steps) != want[1] {
			t.Errorf("roundSteps(%v) = %v, %v; want %v", most, step, steps, want)
		}
	}
}

// A gap is what the library takes for one, and the caller's values stay.
func TestWithGaps(t *testing.T) {
	values := []float64{1, math.NaN(), 3}
	got := withGaps(values)
	if got[0] != 1 || got[1] != charts.GetNullValue() || got[2] != 3 || !math.IsNaN(values[1]) {
		t.Errorf("withGaps = %v, of %v; want the library's mark in the middle", got, values)
	}
}
