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
