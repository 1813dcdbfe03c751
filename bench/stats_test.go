package main

import (
	"math"
	"testing"
	"time"
)

func TestSpreadOf(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   spread
		ok     bool
	}{
		{nil, spread{}, false},
		{[]float64{5}, spread{5, 5, 5}, true},
		{[]float64{9, 1, 5}, spread{5, 1, 9}, true},
		{[]float64{4, 1, 2, 9}, spread{3, 1, 9}, true},
		{[]float64{2, 2, 2, 2, 100}, spread{2, 2, 100}, true},
	} {
		if got, ok := spreadOf(test.values); got != test.want || ok != test.ok {
			t.Errorf("spreadOf(%v) = %v, %v; want %v, %v", test.values, got, ok, test.want, test.ok)
		}
	}
}

func TestMedian_LeavesItsArgument(t *testing.T) {
	values := []float64{3, 1, 2}
	if got := median(values); got != 2 || values[0] != 3 {
		t.Errorf("median = %v, values %v; want 2 and the same values", got, values)
	}
	if got := median(nil); got != 0 {
		t.Errorf("median(nil) = %v; want 0", got)
	}
}

func TestRatio(t *testing.T) {
	for _, test := range []struct {
		a, b, want float64
		ok         bool
	}{
		{10, 5, 2, true}, {0, 5, 0, false}, {5, 0, 0, false}, {math.Inf(1), 1, 0, false},
	} {
		if got, ok := ratio(test.a, test.b); got != test.want || ok != test.ok {
			t.Errorf("ratio(%v, %v) = %v, %v; want %v, %v", test.a, test.b, got, ok, test.want, test.ok)
		}
	}
}

func TestPercentiles(t *testing.T) {
	times := newHistogram()
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
	// A request may take the whole patience twice over (write, then read).
	if err := times.RecordValue((2 * answerPatience).Microseconds()); err != nil {
		t.Errorf("RecordValue(2 * patience) = %v", err)
	}
}

func TestRevisit(t *testing.T) {
	r := run{IDs: 1000, result: result{Good: 5000, Seconds: 5}}
	if got := revisit(1, r); got != time.Second {
		t.Errorf("revisit(1) = %v; want 1s", got)
	}
	if got := revisit(4, r); got != 4*time.Second {
		t.Errorf("revisit(4) = %v; want 4s", got)
	}
	if got := revisit(1, run{IDs: 1000}); got != 0 {
		t.Errorf("revisit without answers = %v; want 0", got)
	}
}

func TestProgress_Left(t *testing.T) {
	p := newProgress(nil, 10, 4*time.Second)
	if got := p.left(0); got != 50*time.Second {
		t.Errorf("left at the start = %v; want 50s", got)
	}
	p.done = 5
	if got := p.left(20 * time.Second); got != 20*time.Second {
		t.Errorf("left at half = %v; want 20s", got)
	}
}
