package report

import (
	"fmt"
	"slices"
)

// A Floor is a limit on a ratio: ours divided by a subject's. It is that of medians, and for
// scale the median of the rounds' ratios.
type Floor struct {
	What     string // its name in reports and in the README
	Measure  string
	Figure   string
	Subject  string
	AtMost   bool    // the ratio may be at most the limit: latency, processor time
	Limit    float64 // 0 leaves the floor out
	Generous float64 // the limit of generous runs; 0 leaves the floor out there
	Where    string  // OnDisk or InMemory restricts it; "" is everywhere
}

// Where a folder is: on a disk an fsync takes time, in memory it takes none.
const (
	OnDisk   = "disk"
	InMemory = "memory"
)

// Bound returns the limit as text: "at least 2.4".
func (f Floor) Bound() string {
	if f.AtMost {
		return fmt.Sprintf("at most %g", f.Limit)
	}
	return fmt.Sprintf("at least %g", f.Limit)
}

func (f Floor) missedBy(ratio float64) bool {
	if f.AtMost {
		return ratio > f.Limit
	}
	return ratio < f.Limit
}

// A Comparison is the ratio of ours to one subject, with the floor where there is one.
type Comparison struct {
	Measure string  `json:"measure"`
	Figure  string  `json:"figure"`
	Subject string  `json:"subject"`
	Ratio   float64 `json:"ratio"`
	Floor   string  `json:"floor,omitempty"`
	Missed  bool    `json:"missed"`

	what string
}

// verdict returns the ratio and the floor as text.
func (c Comparison) verdict() string {
	switch {
	case c.Missed:
		return fmt.Sprintf("%.3g times, MISSED %s", c.Ratio, c.Floor)
	case c.Floor != "":
		return fmt.Sprintf("%.3g times, floor %s", c.Ratio, c.Floor)
	default:
		return fmt.Sprintf("%.3g times", c.Ratio)
	}
}

// String returns what was compared, and the verdict.
func (c Comparison) String() string {
	return fmt.Sprintf("%s against %s: %s", c.what, c.Subject, c.verdict())
}

// Compare adds a ratio, and judges it if judged is true and there is a floor.
func (r *Report) Compare(measure, figure, subject string, ratio float64, judged bool) {
	c := Comparison{Measure: measure, Figure: figure, Subject: subject, Ratio: ratio, what: measure}
	for _, f := range r.Floors {
		if judged && f.Measure == measure && f.Figure == figure && f.Subject == subject {
			c.what, c.Floor, c.Missed = f.What, f.Bound(), f.missedBy(ratio)
		}
	}
	r.Comparisons = append(r.Comparisons, c)
}

// CompareAll compares a subject with all others that have the figure in the measure.
func (r *Report) CompareAll(measure, figure, subject string, judged func(own, other Summary) bool) {
	own, ok := r.Find(measure, subject)
	if !ok {
		return
	}
	for _, other := range r.Summaries {
		if other.Measure != measure || other.Subject == subject {
			continue
		}
		if ratio, ok := Ratio(own.Median(figure), other.Median(figure)); ok {
			r.Compare(measure, figure, other.Subject, ratio, judged(own, other))
		}
	}
}

// comparison returns the one against a subject by a figure; ok is false without one.
func (r *Report) comparison(measure, subject, figure string) (c Comparison, ok bool) {
	for _, c := range r.Comparisons {
		if c.Measure == measure && c.Subject == subject && c.Figure == figure {
			return c, true
		}
	}
	return Comparison{}, false
}

// Missed reports whether a floor of a measure was missed.
func (r *Report) Missed(measure string) bool {
	return slices.ContainsFunc(r.Comparisons, func(c Comparison) bool { return c.Missed && c.Measure == measure })
}

// unjudged returns the floors that judged no comparison.
func (r *Report) unjudged() []Floor {
	return slices.DeleteFunc(slices.Clone(r.Floors), func(f Floor) bool {
		c, found := r.comparison(f.Measure, f.Subject, f.Figure)
		return found && c.Floor != ""
	})
}
