package console

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/monitor"
)

// drawing returns the path of the median of commits in 15 minutes.
func drawing(samples []monitor.Sample) string {
	return drawingOf(boardOf(nil, samples, quarter(), false))
}

// drawingOf returns the path of the median of commits; "" if no chart has it.
func drawingOf(b *board) string {
	for _, c := range b.Charts {
		if c.Lines[0].Name == "commit" {
			return string(c.Lines[0].Path)
		}
	}
	return ""
}

func second(n int, commit time.Duration) monitor.Sample {
	s := monitor.SampleOf(monitor.Counters{CommitMedian: commit}, monitor.Counters{}, time.Second)
	s.Seq, s.At = uint64(n+1), time.Date(2026, 11, 22, 22, 0, n, 0, time.UTC)
	return s
}

// The drawing without scripts has a gap where nothing was measured for long, a line through a few
// such seconds, and a dot where a value is alone.
func TestCharts_Gaps(t *testing.T) {
	var all []monitor.Sample
	for n := range monitor.Kept {
		commit := time.Duration(0)
		if n < 60 || n == 400 || n >= 840 && n%6 == 1 {
			commit = time.Millisecond
		}
		all = append(all, second(n, commit))
	}
	got := drawing(all)
	if lines := strings.Count(got, "M"); lines != 3 {
		t.Errorf("the drawing is %s; want two lines and a dot", got)
	}
	if alone := regexp.MustCompile(`M67,2\.0h0M`); !alone.MatchString(got) {
		t.Errorf("the drawing is %s; want a dot at 67, since 499 of 900 s came after it", got)
	}
	if !strings.HasPrefix(got, `d="M1,2.0h0L2,2.0`) {
		t.Errorf("the drawing is %s; want it to begin at the left", got)
	}
}

// Seconds without a sample are a gap, too, as when the machine slept. The order of the samples is
// that of their numbers: a clock that is set back changes no line.
func TestCharts_Clock(t *testing.T) {
	var all []monitor.Sample
	for n := range 600 {
		s := second(n, time.Millisecond)
		if n >= 300 {
			s.At = s.At.Add(-time.Hour)
		}
		all = append(all, s)
	}
	if got := drawing(all); strings.Count(got, "M") != 1 || !strings.Contains(got, "L150,") || strings.Contains(got, "M0") {
		t.Errorf("a clock that was set back draws %s; want one line", got)
	}
	all = append(all[:100], second(200, time.Millisecond))
	if got := drawing(all); strings.Count(got, "M") != 2 {
		t.Errorf("100 s without a sample draw %s; want a gap", got)
	}
}

// A board of no sample has no lines, and numbers that say so.
func TestCharts_Empty(t *testing.T) {
	if got := drawing(nil); got != `d=""` {
		t.Errorf("no sample draws %s; want nothing", got)
	}
	if got := inColumns([]monitor.Sample{second(0, 0)}, 8, quarter()); len(got) != 0 || !math.IsNaN(second(0, 0).Values[8]) {
		t.Errorf("a second without a commit has the points %v; want none", got)
	}
}

// Without scripts the last 24 hours are a drawing, too, with a gap where no server ran.
func TestCharts_Day(t *testing.T) {
	var all []monitor.Sample
	for n := range monitor.DayKept {
		s := second(n, time.Millisecond)
		s.At = s.At.Truncate(time.Hour).Add(time.Duration(n) * monitor.DayStep)
		if n < 100 || n > 400 {
			all = append(all, s)
		}
	}
	got := drawingOf(boardOf(nil, all, span{Long: 24 * time.Hour, Idle: 3 * time.Minute}, false))
	if strings.Count(got, "M") != 2 || !strings.HasPrefix(got, `d="M1,`) || !strings.HasSuffix(got, `L150,2.0"`) {
		t.Errorf("a day with a gap draws %s; want two lines over the whole width", got)
	}
}

// Sentences are those of figures that a board has: one on Redis says nothing of the disk.
func TestCharts_Say(t *testing.T) {
	for name := range figureSays {
		if !slices.ContainsFunc(monitor.Figures, func(f monitor.Figure) bool { return f.Name == name && f.Chart != "" }) {
			t.Errorf("there is a sentence for %q, which no chart has", name)
		}
	}
	for server, want := range map[bool]string{false: "Changes wait until they are on disk. " + figureSays["goroutines"], true: figureSays["goroutines"]} {
		charts := boardOf(nil, nil, quarter(), server).Charts
		if got := charts[len(charts)-1].Says; got != want {
			t.Errorf("the last chart says %q; want %q", got, want)
		}
	}
}
