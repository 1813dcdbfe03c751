package health_test

import (
	"errors"
	"strings"
	"testing"

	"pagesession/internal/health"
)

// Operators hear where sessions move, and why they do not. Anyone else hears only that.
func TestWithMove(t *testing.T) {
	const url = "redis://10.1.2.3:6379"
	for _, tt := range []struct {
		done   bool
		paused error
		says   string // to operators only
	}{
		{says: ""},
		{done: true, says: "set --sessions " + url},
		{paused: errors.New("dial 10.1.2.3"), says: "dial 10.1.2.3"},
	} {
		f := health.WithMove(health.File{Notice: "Before."}, url, 1, 2, tt.done, tt.paused)
		if !strings.Contains(f.Notice, tt.says) || !strings.HasSuffix(f.Notice, " Before.") {
			t.Errorf("Notice = %q; want %q, and what it was before", f.Notice, tt.says)
		}
		if strings.Contains(f.Public, "10.1.2.3") || !strings.HasPrefix(f.Public, strings.SplitAfter(f.Notice, ".")[0]) || !strings.HasSuffix(f.Public, " Before.") {
			t.Errorf("Public = %q; want the same without addresses and errors", f.Public)
		}
	}
}
