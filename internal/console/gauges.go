package console

import (
	"math"
	"strconv"
	"time"

	"pagesession/internal/monitor"
	"pagesession/internal/text"
)

// A gauge is one number of a sample, and how the dashboard writes it. The
// stream sends all of them, in this order, behind the time.
type gauge struct {
	Name, Title string
	Unit        unit
	of          func(monitor.Sample) float64
}

// A unit is how a number is written. dashboard.js knows them by these names.
type unit string

const (
	number   unit = "number"
	bySecond unit = "rate"
	millis   unit = "ms"
	bytes    unit = "bytes"
)

var gauges = []gauge{
	{"sessions", "Live sessions", number, func(s monitor.Sample) float64 { return float64(s.Sessions) }},
	{"refreshes", "Refreshes", bySecond, func(s monitor.Sample) float64 { return s.Refreshes }},
	{"creations", "Created", bySecond, func(s monitor.Sample) float64 { return s.Creations }},
	{"ends", "Ended", bySecond, monitor.Sample.Ends},
	{"idle", "Ended: timed out", bySecond, func(s monitor.Sample) float64 { return s.Idle }},
	{"absolute", "Ended: longest time", bySecond, func(s monitor.Sample) float64 { return s.Absolute }},
	{"deleted", "Ended by the visitor", bySecond, func(s monitor.Sample) float64 { return s.Deleted }},
	{"revoked", "Ended by an operator", bySecond, func(s monitor.Sample) float64 { return s.Revoked }},
	{"commit", "Commit, median", millis, func(s monitor.Sample) float64 { return inMillis(s.Commit.Median) }},
	{"commit99", "Commit, 99 %", millis, func(s monitor.Sample) float64 { return inMillis(s.Commit.P99) }},
	{"flush", "Flush, median", millis, func(s monitor.Sample) float64 { return inMillis(s.Flush.Median) }},
	{"flush99", "Flush, 99 %", millis, func(s monitor.Sample) float64 { return inMillis(s.Flush.P99) }},
	{"waiting", "Changes in the queue", number, func(s monitor.Sample) float64 { return float64(s.Waiting) }},
	{"goroutines", "Goroutines", number, func(s monitor.Sample) float64 { return float64(s.Goroutines) }},
	{"memory", "Memory", bytes, func(s monitor.Sample) float64 { return float64(s.Memory) }},
	{"file", "Session file", bytes, func(s monitor.Sample) float64 { return float64(s.FileBytes) }},
}

// inMillis is not a number where nothing was measured, in a second without
// commits.
func inMillis(d time.Duration) float64 {
	if d == 0 {
		return math.NaN()
	}
	return float64(d) / float64(time.Millisecond)
}

// gaugeOf finds a gauge by its name; every name comes from this package.
func gaugeOf(name string) gauge {
	for _, g := range gauges {
		if g.Name == name {
			return g
		}
	}
	panic("console: no gauge " + name)
}

// write says a number in its unit, as dashboard.js does.
func (u unit) write(n float64) string {
	if math.IsNaN(n) {
		return "–"
	}
	switch u {
	case bySecond:
		return decimals(n, 10) + "/s"
	case millis:
		return decimals(n, 100) + " ms"
	case bytes:
		return inBytes(n)
	default:
		return text.Number(int64(n))
	}
}

// decimals writes one decimal of a number that is below, none of another.
func decimals(n float64, below float64) string {
	if n = math.Round(n*10) / 10; n < below && n != math.Trunc(n) {
		return strconv.FormatFloat(n, 'f', 1, 64)
	}
	return text.Number(int64(math.Round(n)))
}

func inBytes(n float64) string {
	for _, prefix := range []string{"B", "KiB", "MiB"} {
		if n < 1024 {
			return decimals(n, 10) + " " + prefix
		}
		n /= 1024
	}
	return decimals(n, 100) + " GiB"
}

// appendSamples writes samples as JSON: [[seconds since 1970, gauge, ...], ...].
func appendSamples(b []byte, samples []monitor.Sample) []byte {
	b = append(b, '[')
	for i, s := range samples {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = strconv.AppendFloat(b, float64(s.At.UnixMilli())/1000, 'f', -1, 64)
		for _, g := range gauges {
			b = appendNumber(append(b, ','), g.of(s))
		}
		b = append(b, ']')
	}
	return append(b, ']')
}

func appendNumber(b []byte, n float64) []byte {
	if math.IsNaN(n) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, math.Round(n*1000)/1000, 'f', -1, 64)
}
