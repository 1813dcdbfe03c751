package monitor

import (
	"math"
	"slices"
	"sync"
	"time"
)

// Bounds of a Day: it keeps the last DayKept samples, one for each DayStep, in 150 KiB.
const (
	DayStep = 2 * time.Minute
	DayKept = 24 * int(time.Hour/DayStep)
)

// A Day has the figures of the last 24 hours. A step begins at each even minute of the wall
// clock. Its sample has the means of rates, the highest of all other values, and the time and
// number of its last second. A step without samples, as when no server runs, is left out.
// The methods are safe for concurrent use; the zero value is ready.
type Day struct {
	mu      sync.Mutex    // protects the fields below
	samples []Sample      // the oldest first
	step    step          // that has not ended
	more    chan struct{} // closed with the next sample
}

// NewDay returns a day that goes on after earlier samples, as DecodeDay returns them.
func NewDay(earlier []Sample) *Day { return &Day{samples: slices.Clone(earlier)} }

// Add adds the sample of a second.
func (d *Day) Add(s Sample) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.step.last.Values != nil && !d.step.has(s.At) {
		d.end()
	}
	d.step.add(s)
}

// End ends the step that has begun, at the end of the server.
func (d *Day) End() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.step.last.Values != nil {
		d.end()
	}
}

// end adds the sample of a step. Its number is above that of the sample before, also if this
// server's clock is behind that of an earlier one.
func (d *Day) end() {
	s := d.step.sample()
	d.step = step{}
	if n := len(d.samples); n > 0 {
		s.Seq = max(s.Seq, d.samples[n-1].Seq+1)
	}
	d.samples = append(d.samples[max(0, len(d.samples)+1-DayKept):], s)
	if d.more != nil {
		close(d.more)
		d.more = nil
	}
}

// After is Monitor.After for the samples of the steps.
func (d *Day) After(seq uint64) ([]Sample, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.more == nil {
		d.more = make(chan struct{})
	}
	first := 0
	if n := len(d.samples); n > 0 && seq <= d.samples[n-1].Seq {
		first = slices.IndexFunc(d.samples, func(s Sample) bool { return s.Seq > seq })
		if first < 0 {
			first = n
		}
	}
	return slices.Clone(d.samples[first:]), d.more
}

// A step is the seconds that one sample of a Day covers.
type step struct {
	last   Sample
	values []float64 // sums of rates, and the highest of other values
	n      float64   // seconds
}

// has reports whether a second belongs to the step.
func (st *step) has(at time.Time) bool {
	return at.Truncate(DayStep).Equal(st.last.At.Truncate(DayStep))
}

func (st *step) add(s Sample) {
	if st.values == nil {
		st.values = slices.Repeat([]float64{math.NaN()}, len(Figures))
	}
	for i, n := range s.Values {
		switch before := st.values[i]; {
		case math.IsNaN(before):
			st.values[i] = n
		case Figures[i].Unit == PerSecond:
			st.values[i] += n
		case n > before:
			st.values[i] = n
		}
	}
	st.last, st.n = s, st.n+1
}

func (st *step) sample() Sample {
	for i, f := range Figures {
		if f.Unit == PerSecond {
			st.values[i] /= st.n
		}
	}
	return Sample{Seq: st.last.Seq, At: st.last.At, Values: st.values}
}
