package main

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestFlat(t *testing.T) {
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
		"the most counts":    {[]float64{5, 10, 10, 6}, 1, 0, true},
	} {
		if _, got := flat(test.values, test.atMost, test.slack); got != test.want {
			t.Errorf("%s: flat(%v) = %t; want %t", name, test.values, got, test.want)
		}
	}
}

func TestEvery_StopsOnAnError(t *testing.T) {
	n, planned := 0, errors.New("planned")
	err := every(t.Context(), time.Microsecond, func() error {
		if n++; n == 3 {
			return planned
		}
		return nil
	})
	if n != 3 || !errors.Is(err, planned) {
		t.Errorf("every = %v after %d calls; want the error of the third", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := every(ctx, time.Hour, func() error { n++; return nil }); err != nil || n != 4 {
		t.Errorf("every = %v after %d calls; want one call more and no error", err, n-3)
	}
}
