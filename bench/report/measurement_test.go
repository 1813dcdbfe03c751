package report

import (
	"math"
	"testing"
)

func TestSpreadOf(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   Spread
		shown  string
	}{
		{[]float64{5}, Spread{5, 5, 5, 1}, "5.0"},
		{[]float64{9, 1, 5}, Spread{5, 1, 9, 3}, "5.0 (1.0..9.0)"},
		{[]float64{4, 1, 2, 9}, Spread{3, 1, 9, 4}, "3.0 (1.0..9.0)"},
		{[]float64{2, 2, 2, 2, 100}, Spread{2, 2, 100, 5}, "2.0 (2.0..100.0)"},
	} {
		if got := SpreadOf(test.values); got != test.want || got.Show(fixed(1)) != test.shown {
			t.Errorf("SpreadOf(%v) = %v, shown %q; want %v, %q", test.values, got, got.Show(fixed(1)), test.want, test.shown)
		}
	}
}

func TestMedian_LeavesItsArgument(t *testing.T) {
	values := []float64{3, 1, 2}
	if got := Median(values); got != 2 || values[0] != 3 {
		t.Errorf("Median = %v, values %v; want 2 and the same values", got, values)
	}
	if got := Median(nil); got != 0 {
		t.Errorf("Median(nil) = %v; want 0", got)
	}
}

func TestRatio(t *testing.T) {
	for _, test := range []struct {
		a, b, want float64
		ok         bool
	}{
		{10, 5, 2, true}, {0, 5, 0, false}, {5, 0, 0, false}, {math.Inf(1), 1, 0, false},
	} {
		if got, ok := Ratio(test.a, test.b); got != test.want || ok != test.ok {
			t.Errorf("Ratio(%v, %v) = %v, %v; want %v, %v", test.a, test.b, got, ok, test.want, test.ok)
		}
	}
}

func TestGrown(t *testing.T) {
	for name, test := range map[string]struct {
		values        []float64
		atMost, slack float64
		want          bool
	}{
		"nothing":            {nil, 1, 0, true},
		"one":                {[]float64{9}, 1, 0, true},
		"the same":           {[]float64{5, 5, 5, 5}, 1, 0, true},
		"shrinks":            {[]float64{9, 1}, 1, 0, true},
		"just allowed":       {[]float64{10, 11}, 1.1, 0, true},
		"grows":              {[]float64{10, 10, 10, 12}, 1.1, 0, false},
		"grows within slack": {[]float64{10, 10, 10, 12}, 1.1, 1, true},
		"the largest counts": {[]float64{5, 10, 10, 6}, 1, 0, true},
	} {
		if got := Grown("it", test.values, test.atMost, test.slack); (got == "") != test.want {
			t.Errorf("%s: Grown(%v) = %q; want flat %t", name, test.values, got, test.want)
		}
	}
}

func TestGrown_SaysHowFar(t *testing.T) {
	want := "the file grew: at most 10 MiB in the first half, 12 MiB in the second; 1.1 times are allowed"
	if got := Grown("the file", []float64{10 << 20, 12 << 20}, 1.1, 0); got != want {
		t.Errorf("Grown = %q; want %q", got, want)
	}
}
