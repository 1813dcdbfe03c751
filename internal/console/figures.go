package console

import (
	"math"
	"strconv"

	"pagesession/internal/monitor"
	"pagesession/internal/text"
)

// write writes a number in its unit, as dashboard.js does.
func write(n float64, unit monitor.Unit) string {
	if math.IsNaN(n) {
		return "–"
	}
	switch unit {
	case monitor.PerSecond:
		return decimals(n, 10) + "/s"
	case monitor.Millis:
		return decimals(n, 100) + " ms"
	case monitor.Bytes:
		return inBytes(n)
	default:
		return text.Number(int64(n))
	}
}

// decimals writes n with one decimal if it is less than below, else with none.
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

// appendSamples writes samples as JSON: [[seconds since 1970, figure, ...], ...].
func appendSamples(b []byte, samples []monitor.Sample) []byte {
	b = append(b, '[')
	for i, s := range samples {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = strconv.AppendFloat(b, float64(s.At.UnixMilli())/1000, 'f', -1, 64)
		for _, n := range s.Values {
			b = appendNumber(append(b, ','), n)
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
