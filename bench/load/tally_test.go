package load

import (
	"math"
	"testing"
)

func TestPercentiles(t *testing.T) {
	times := newHistogram(0)
	for us := int64(1); us <= 100_000; us++ { // 0.001 to 100 ms, evenly
		if err := times.RecordValue(us); err != nil {
			t.Fatal(err)
		}
	}
	got := percentiles(times)
	for name, pair := range map[string][2]float64{
		"p50": {got.P50, 50}, "p90": {got.P90, 90}, "p99": {got.P99, 99}, "p99.9": {got.P999, 99.9}, "max": {got.Max, 100},
	} {
		if math.Abs(pair[0]-pair[1]) > 0.1 {
			t.Errorf("%s = %v ms; want %v within 0.1", name, pair[0], pair[1])
		}
	}
	// A request may take two timeouts, one to write and one to read.
	if err := times.RecordValue((2 * AnswerTimeout).Microseconds()); err != nil {
		t.Errorf("RecordValue(2 * AnswerTimeout) = %v", err)
	}
}
