package web

import (
	"slices"
	"testing"
	"time"
)

func TestIdleTimeouts(t *testing.T) {
	const s, h = time.Second, time.Hour
	for _, tt := range []struct {
		configured, absolute time.Duration
		want                 []time.Duration
	}{
		{20 * s, 12 * h, []time.Duration{20 * s, 60 * s, 200 * s}},
		{20 * s, 0, []time.Duration{20 * s, 60 * s, 200 * s}},
		{20 * s, 60 * s, []time.Duration{20 * s, 60 * s}},
		{20 * s, 20 * s, []time.Duration{20 * s}},
		{2 * s, 10 * s, []time.Duration{2 * s, 6 * s}},
		{30 * s, 12 * h, []time.Duration{30 * s, 90 * s, 300 * s}},
		{2 * h, 12 * h, []time.Duration{2 * h, 6 * h}},
		{100 * h, 0, []time.Duration{100 * h, 300 * h}},
		{720 * h, 0, []time.Duration{720 * h}},
	} {
		if got := idleTimeouts(tt.configured, tt.absolute); !slices.Equal(got, tt.want) {
			t.Errorf("idleTimeouts(%v, %v) = %v; want %v", tt.configured, tt.absolute, got, tt.want)
		}
	}
}

func TestTimeoutOf(t *testing.T) {
	timeouts := idleTimeouts(1500*time.Millisecond, 0)
	for text, want := range map[string]time.Duration{
		"1.5": 1500 * time.Millisecond, "4.5": 4500 * time.Millisecond, "15": 15 * time.Second,
	} {
		if got, ok := timeoutOf(timeouts, text); !ok || got != want {
			t.Errorf("timeoutOf(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "0", "-20", "1", "20", "21", "060", "+60", "60.0", "6e1", "60s", " 60", "1m", "NaN", "Inf", "20,60", "９"} {
		if got, ok := timeoutOf(timeouts, text); ok {
			t.Errorf("timeoutOf(%q) = %v; want none", text, got)
		}
	}
}
