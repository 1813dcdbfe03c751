package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// drawn draws a chart of charted and returns its text. A broken SVG fails the test.
func drawn(t *testing.T, c Chart) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	if keep := os.Getenv("PAGESESSION_BENCH_CHARTS"); keep != "" {
		dir = filepath.Join(keep, t.Name()) // keeps them, to look at
	}
	if err := c.draw(charted(), dir); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	data, err := os.ReadFile(files[0])
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

// charted returns a report with peers, sizes and a series.
func charted() *Report {
	add := func(r *Report, measure, subject string, figures Figures) {
		r.Measurements = append(r.Measurements, Measurement{Measure: measure, Subject: subject, Figures: figures})
	}
	r := &Report{Machine: Machine{CPU: "Some CPU", Cores: 2, Commit: "abc"}}
	for i, peer := range []string{"ours", "page", "memory"} {
		for round := range 3 {
			r.Measurements = append(r.Measurements, Measurement{Measure: "refresh", Subject: peer, Round: round + 1, Figures: Figures{Rate: 72314 / float64(i+1) * float64(round+1) / 2}})
		}
	}
	add(r, "refresh", "stock", Figures{}) // without a good answer
	for _, size := range []float64{1000, 10000, 100000, 1000000} {
		add(r, "scale", Number(size), Figures{Rate: 72000 - size/1000, Memory: (20 + size/5000) * MiB})
	}
	for i := range 100 {
		f := Figures{Memory: 100 * MiB * math.Sin(float64(i)/31.6)}
		if i == 50 {
			f = Figures{} // a gap
		}
		add(r, "series", Number(float64(i)), f)
	}
	r.Summaries = Summarize(r.Measurements)
	r.Compare("refresh", Rate, "page", 1.92, false)
	return r
}

func bars(file, measure string) Chart {
	return Chart{File: file, Title: "Session refresh: GET /get/", Subtitle: "64 connections", Measure: measure, Bars: true, YTitles: []string{"requests/s"}, Lines: []Line{{Figure: Rate}}}
}

func TestBars(t *testing.T) {
	text := drawn(t, bars("a.svg", "refresh"))
	wantTexts(t, text, "ours", "page", "72,314 (36,157..108,471)", "36,157 (18,079..54,236), ours/peer 1.92", "24,105 (12,052..36,157)", "requests/s", "64 connections, Some CPU, 2 cores, commit abc")
	if strings.Contains(text, "stock") {
		t.Errorf("the chart has a peer without figures:\n%s", text)
	}
}

// Without a bar to draw, the file of an earlier run is removed.
func TestBars_None(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "create.svg")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := bars("create.svg", "create").draw(charted(), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a chart of an earlier run is still there")
	}
}

func TestLines_Decades(t *testing.T) {
	text := drawn(t, Chart{File: "a.svg", Title: "Live sessions", Subtitle: "both in one chart", Measure: "scale", XTitle: "live sessions", YTitles: []string{"requests/s", "MiB"},
		Lines: []Line{{Name: "rate", Figure: Rate}, {Name: "memory", Figure: Memory, Unit: MiB, Right: true}}})
	wantTexts(t, text, "1,000,000", "memory", "live sessions", "MiB")
}

func TestLines_Time(t *testing.T) {
	text := drawn(t, OverTime("a.svg", "Flood", "", "series"))
	wantTexts(t, text, "Flood", "seconds", "memory")
	if strings.Contains(text, "NaN") {
		t.Errorf("the chart shows a gap as NaN:\n%s", text)
	}
}

func TestChart_NoPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := bars("x.svg", "refresh").draw(charted(), file)
	if err == nil || !strings.Contains(err.Error(), "write results") {
		t.Errorf("draw into a file's folder: %v; want an error", err)
	}
}

func TestNumber(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0", 0.25: "0.25", 1.234: "1.23", 9.999: "10", 12: "12", 12.34: "12.3", 999.6: "1,000",
		72314.4: "72,314", 1e6: "1,000,000", 123456789: "123,456,789", -1500: "-1,500",
	} {
		if got := Number(value); got != want {
			t.Errorf("Number(%v) = %q; want %q", value, got, want)
		}
	}
}
