package app

import "testing"

// Streams leave a quarter of the open files, or 2,000, to everything else.
func TestStreams(t *testing.T) {
	for _, test := range []struct {
		asked   int
		allowed uint64
		want    int
	}{
		{20_000, 0, 20_000}, {20_000, 65_536, 20_000}, {20_000, 22_000, 20_000}, {20_000, 20_000, 18_000}, {20_000, 1024, 768}, {0, 1024, 0}, {20_000, 1<<64 - 1, 20_000},
	} {
		if got := streams(test.asked, test.allowed); got != test.want {
			t.Errorf("streams(%d, %d) = %d; want %d", test.asked, test.allowed, got, test.want)
		}
	}
}
